//! Lets connections in: through floods, without descriptors, and until the very last.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Body;
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tower::BoxError;

use super::connection;
use super::drain::Stage;
use super::guard::{Rules, Served};
use super::listen;
use super::pulse::Pulse;
use super::seats::Seats;

/// How long the loop rests when the system has no descriptor for it.
const BREATH: Duration = Duration::from_millis(5);
/// How often it says so.
const COMPLAINT: Duration = Duration::from_secs(1);
/// How long a handshake that has begun may take to reach the queue at the end.
const HANDSHAKE: Duration = Duration::from_millis(2);

/// What all connections of an edge share.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) rules: Rules,
    pub(super) seats: Arc<Seats>,
    pub(super) protocols: Arc<Builder<TokioExecutor>>,
    /// Each open connection holds a receiver of it.
    pub(super) open: watch::Sender<()>,
}

/// Accepts until the last call, then what has been waiting by then, then closes the port.
pub(super) async fn accept<S, B>(listener: TcpListener, door: Door, service: S)
where
    S: Served<B>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let mut last_call = pin!(door.rules.drain.reached(Stage::LastCall));
    let mut complained: Option<Instant> = None;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => door.let_in(socket, peer, &service),
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    if complained.is_none_or(|before| before.elapsed() > COMPLAINT) {
                        complained = Some(Instant::now());
                        tracing::warn!(%error, "cannot accept all connections");
                    }
                    door.seats.make_room();
                    sleep(BREATH).await;
                }
            },
            () = &mut last_call => break,
        }
    }
    if let Err(error) = door.let_rest_in(listener, &service).await {
        tracing::warn!(%error, "connections that waited at the end are lost");
    }
}

impl Door {
    fn let_in<S, B>(&self, socket: TcpStream, peer: SocketAddr, service: &S)
    where
        S: Served<B>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let Some(seat) = self.seats.take(peer.ip()) else {
            tracing::debug!("a connection is refused: there is no room");
            return;
        };
        // Without it small answers wait for acknowledgements; a socket that refuses is gone.
        let _ = socket.set_nodelay(true);
        let pulse = Pulse::new(self.rules.limits.clone(), seat, peer);
        let open = self.open.subscribe();
        let (protocols, rules) = (self.protocols.clone(), self.rules.clone());
        let served = connection::serve(socket, pulse, protocols, rules, service.clone());
        tokio::spawn(async move {
            served.await;
            drop(open);
        });
    }

    /// Closing a port resets every connection in its queue, and the kernel fills the queue until
    /// then. So new ones are held off first; their clients try again after a second, when the port
    /// belongs to someone else. What has begun before has a moment to arrive.
    async fn let_rest_in<S, B>(&self, listener: TcpListener, service: &S) -> io::Result<()>
    where
        S: Served<B>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let held_off = listen::hold_newcomers_off(&listener);
        // The kernel is asked itself: the scheduler may not have heard of the last ones yet.
        let listener = listener.into_std()?;
        if held_off {
            self.empty(&listener, service)?;
            sleep(HANDSHAKE).await;
        }
        self.empty(&listener, service)
    }

    fn empty<S, B>(&self, queue: &std::net::TcpListener, service: &S) -> io::Result<()>
    where
        S: Served<B>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        loop {
            match queue.accept() {
                Ok((socket, peer)) => {
                    socket.set_nonblocking(true)?;
                    self.let_in(TcpStream::from_std(socket)?, peer, service);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether it concerns one connection only, which is gone.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

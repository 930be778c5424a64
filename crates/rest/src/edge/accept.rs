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
use tower::BoxError;

use super::connection;
use super::drain::Stage;
use super::guard::{Rules, Served};
use super::pulse::Pulse;
use super::seats::Seats;

/// How long the loop rests when the system has no descriptor for it.
const BREATH: Duration = Duration::from_millis(50);

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
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => door.let_in(socket, peer, &service),
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections for a moment");
                    door.seats.make_room();
                    tokio::time::sleep(BREATH).await;
                }
            },
            () = &mut last_call => break,
        }
    }
    if let Err(error) = door.let_rest_in(listener, &service) {
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
        let pulse = Pulse::new(self.rules.limits.clone(), seat);
        let open = self.open.subscribe();
        let (protocols, rules) = (self.protocols.clone(), self.rules.clone());
        let served = connection::serve(socket, pulse, protocols, rules, service.clone());
        tokio::spawn(async move {
            served.await;
            drop(open);
        });
    }

    /// Asks the kernel itself, because the scheduler may not have heard of the last ones yet.
    fn let_rest_in<S, B>(&self, listener: TcpListener, service: &S) -> io::Result<()>
    where
        S: Served<B>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let listener = listener.into_std()?;
        loop {
            match listener.accept() {
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

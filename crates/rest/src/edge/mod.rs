//! The connection layer: what stands between a socket and a service, so that no stranger can
//! hold the process up and no restart costs a request.

mod accept;
pub mod body;
mod connection;
pub mod drain;
mod flaw;
pub mod guard;
pub mod limits;
pub mod listen;
mod problem;
mod pulse;
mod seats;
mod wire;
mod witness;

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Body;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::BoxError;

use self::accept::Door;
use self::drain::{Drain, Stage};
use self::guard::{Rules, Served};
use self::limits::{Limits, ms};
use self::listen::Listener;
use self::seats::Seats;

pub use self::seats::neighbourhood;

/// All listeners of a process, under common limits and with a common end. Dropping it closes
/// everything at once; [`Edge::run_until`] does so without losing a request.
#[derive(Debug)]
pub struct Edge {
    door: Door,
    stage: watch::Sender<Stage>,
    listeners: JoinSet<()>,
}

/// How an edge has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that had not finished in time.
    pub cut: usize,
}

impl Edge {
    /// An edge without a port; nothing is served before [`Edge::serve`].
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let (stage, drain) = Drain::new();
        let door = Door {
            seats: Seats::new(&limits),
            protocols: Arc::new(connection::protocols(&limits)),
            rules: Rules { limits: Arc::new(limits), drain },
            open: watch::Sender::new(()),
        };
        Self { door, stage, listeners: JoinSet::new() }
    }

    /// Lets readiness, streams and workers know that the end is coming.
    #[must_use]
    pub fn drain(&self) -> Drain {
        self.door.rules.drain.clone()
    }

    /// Starts to serve a port; may be called for several, each with a service of its own. Must be
    /// called inside the runtime that will serve it.
    pub fn serve<S, B>(&mut self, listener: Listener, service: S)
    where
        S: Served<B>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        self.listeners.spawn(accept::accept(listener.socket, self.door.clone(), service));
    }

    /// Serves until `shutdown` comes, then ends in phases: (1) everyone is told, (2) those in
    /// front get time to notice, (3) the queues are emptied and the ports closed, (4) accepted
    /// connections may still send their request, (5) what is in work is finished, or cut.
    pub async fn run_until(mut self, shutdown: impl Future<Output = ()>) -> Drained {
        shutdown.await;
        let limits = self.door.rules.limits.clone();
        self.stage.send_replace(Stage::Draining);
        sleep(ms(limits.propagation_ms)).await;

        self.stage.send_replace(Stage::LastCall);
        while let Some(outcome) = self.listeners.join_next().await {
            if let Err(error) = outcome {
                tracing::error!(%error, "an accept loop broke");
            }
        }
        let open = &self.door.open;
        if timeout(ms(limits.settle_ms), open.closed()).await.is_err() {
            self.stage.send_replace(Stage::Closing);
            let _ = timeout(ms(limits.finish_ms), open.closed()).await;
        }
        let cut = open.receiver_count();
        self.stage.send_replace(Stage::Ended);
        // A connection whose service blocks its thread is left to the end of the process.
        let _ = timeout(ms(limits.linger_ms), open.closed()).await;
        Drained { cut }
    }
}

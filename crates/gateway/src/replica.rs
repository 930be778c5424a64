//! One process that serves contexts: its connections, its health, and what it has in work.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use hyper::{Request, Response, body::Incoming, header::HeaderValue};
use parking_lot::Mutex;
use runtime::{Breaker, Standing};
use tokio::{
    sync::Notify,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    settings::Settings,
    upload::Upload,
    wire::{Fault, Wire},
};

/// The most connections that rest.
const RESTING_MAX: usize = 512;

/// One process that serves contexts.
pub struct Replica {
    /// Where it is.
    pub address: SocketAddr,
    /// The same, as the host of a request.
    pub host: HeaderValue,
    /// Told when it should be asked at once how it is.
    pub look: Notify,
    health: AtomicU8,
    in_work: AtomicUsize,
    breaker: Mutex<Breaker>,
    /// Since when each rests; the last one to rest is used first.
    resting: Mutex<Vec<(Wire, Instant)>>,
    connect: Duration,
    idle: Duration,
}

/// How a replica is, as far as we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Health {
    /// It does not answer.
    Away,
    /// It answers that it cannot do its job, or not all of it.
    Unready,
    /// It can do its job.
    Ready,
}

/// A place at a replica for one request; given back when it is dropped.
pub struct Place {
    /// Whose.
    pub replica: Arc<Replica>,
    settled: bool,
}

impl Replica {
    /// One of which nothing is known yet.
    pub fn new(address: SocketAddr, settings: &Settings) -> Self {
        let host = HeaderValue::from_str(&address.to_string());
        let (look, health, in_work, breaker, resting) = Default::default();
        let host = host.unwrap_or_else(|_| HeaderValue::from_static("replica"));
        let (connect, idle) = (settings.connect, settings.idle);
        Self { address, host, look, health, in_work, breaker, resting, connect, idle }
    }

    /// How it is.
    pub fn health(&self) -> Health {
        match self.health.load(Relaxed) {
            0 => Health::Away,
            1 => Health::Unready,
            _ => Health::Ready,
        }
    }

    /// It is like this now. Whoever was away and is back begins anew.
    pub fn is_now(&self, health: Health) {
        let before = self.health.swap(health as u8, Relaxed);
        if before == health as u8 {
            return;
        }
        tracing::info!(replica = %self.address, ?health, "a replica has changed");
        if before == Health::Away as u8 {
            *self.breaker.lock() = Breaker::default();
        }
        if health != Health::Ready {
            // It waits for them to close before it ends.
            self.resting.lock().clear();
        }
    }

    /// How many requests it has in work.
    pub fn in_work(&self) -> usize {
        self.in_work.load(Relaxed)
    }

    /// How its breaker stands.
    pub fn standing(&self) -> Standing {
        self.breaker.lock().standing()
    }

    /// A place for one request, if its breaker lets it through.
    pub fn place(self: &Arc<Self>) -> Option<Place> {
        self.breaker.lock().admit(Instant::now()).ok()?;
        self.in_work.fetch_add(1, Relaxed);
        Some(Place { replica: Arc::clone(self), settled: false })
    }

    /// Sends a request, and waits for the head of its answer.
    ///
    /// # Errors
    ///
    /// When there is none. Whoever cannot even be reached is away from now on.
    pub async fn send(
        &self,
        request: Request<Upload>,
        deadline: Instant,
    ) -> Result<(Response<Incoming>, Wire), Fault> {
        let mut wire = self.wire(deadline).await?;
        match timeout_at(deadline, wire.send(request)).await {
            Ok(Ok(answer)) => Ok((answer, wire)),
            Ok(Err(fault)) => {
                self.look.notify_one();
                Err(fault)
            }
            Err(_) => Err(Fault::TooLate),
        }
    }

    /// Puts a connection aside for the next request.
    pub fn rest(&self, wire: Wire) {
        if wire.has_ended() || self.health() != Health::Ready {
            return;
        }
        let mut resting = self.resting.lock();
        if resting.len() < RESTING_MAX {
            resting.push((wire, Instant::now()));
        }
    }

    /// Closes those that have rested too long.
    pub fn tidy(&self) {
        let now = Instant::now();
        self.resting.lock().retain(|(_, since)| now.duration_since(*since) < self.idle);
    }

    async fn wire(&self, deadline: Instant) -> Result<Wire, Fault> {
        loop {
            let Some((mut wire, since)) = self.resting.lock().pop() else { break };
            if since.elapsed() < self.idle && wire.is_ready().await {
                return Ok(wire);
            }
        }
        let patience = self.connect.min(deadline.saturating_duration_since(Instant::now()));
        match timeout(patience, Wire::open(self.address)).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(error)) => {
                tracing::debug!(replica = %self.address, %error, "cannot be reached");
                self.is_now(Health::Away);
                Err(Fault::NotSent)
            }
            Err(_) => Err(Fault::NotSent),
        }
    }
}

impl Place {
    /// The replica has answered, or has failed to.
    pub fn ended(&mut self, well: bool, luck: u64) {
        if !self.settled {
            self.settled = true;
            let spread = u32::try_from(luck % 1000).unwrap_or(0);
            self.replica.breaker.lock().ended(well, Instant::now(), spread);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.replica.in_work.fetch_sub(1, Relaxed);
        if !self.settled {
            self.replica.breaker.lock().given_up();
        }
    }
}

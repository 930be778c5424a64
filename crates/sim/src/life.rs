//! One life of a process, from its start to its end.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

use crate::{laws::U7, world::World};

/// How often a process may look at its databases before any time passes.
const MOST: u64 = 200_000;

/// One life of a process. After its end nothing that it does has any effect.
pub struct Life {
    /// Which of the processes, from 0.
    pub replica: usize,
    /// The how-manieth life.
    pub number: u64,
    starting: AtomicBool,
    stopping: AtomicBool,
    dead: AtomicBool,
    frozen: Mutex<Option<Instant>>,
    /// How much it has done since time last moved.
    spins: Mutex<(Option<Instant>, u64)>,
    bell: Notify,
}

impl Life {
    /// It begins.
    #[must_use]
    pub fn of(replica: usize, number: u64) -> Arc<Self> {
        let (stopping, dead, bell, frozen, spins) = Default::default();
        let starting = AtomicBool::new(true);
        Arc::new(Self { replica, number, starting, stopping, dead, frozen, spins, bell })
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Whether it has only begun.
    pub fn is_starting(&self) -> bool {
        self.starting.load(Ordering::Relaxed)
    }

    /// Whether it is about to end in good order.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Ends here, unless it is ending already; true when it is over now.
    pub fn ends(&self, world: &World, point: &'static str) -> bool {
        if self.is_over() || self.is_stopping() || !world.faults.strike(point) {
            return self.is_over();
        }
        world.trace(None, format!("process {self} ends: {point}"));
        self.is_now_over();
        true
    }

    /// It has begun well.
    pub fn serves(&self) {
        self.starting.store(false, Ordering::Relaxed);
    }

    /// It is over.
    pub fn is_now_over(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.bell.notify_waiters();
    }

    /// Asks for an orderly end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.bell.notify_waiters();
    }

    /// From now on it does not move for a while.
    pub fn freeze(&self, by: Duration) {
        *self.frozen.lock() = Some(Instant::now() + by);
    }

    /// How long it will not move yet, where it is frozen.
    pub fn frozen(&self) -> Option<Duration> {
        let until = (*self.frozen.lock())?;
        Some(until.saturating_duration_since(Instant::now())).filter(|it| !it.is_zero())
    }

    /// It does something. One that is busy for ever while no time passes is over;
    /// and so is everyone once a law is broken, which may have no end either.
    pub fn moves(&self, world: &World) {
        if world.broken().is_some() && !self.is_over() {
            self.is_now_over();
        }
        let mut spins = self.spins.lock();
        let now = Some(Instant::now());
        *spins = if spins.0 == now { (now, spins.1 + 1) } else { (now, 0) };
        if spins.1 > MOST && !self.is_over() {
            world.breaks(&U7, None, format!("process {self} turns in circles"));
            self.is_now_over();
        }
    }

    /// Waits until it is over.
    pub async fn over(&self) {
        self.until(|| self.is_over()).await;
    }

    async fn until(&self, reached: impl Fn() -> bool) {
        loop {
            let mut rings = std::pin::pin!(self.bell.notified());
            rings.as_mut().enable();
            if reached() {
                return;
            }
            rings.await;
        }
    }

    /// Waits until it is over, or is asked to end.
    pub async fn over_or_stopping(&self) {
        self.until(|| self.is_over() || self.is_stopping()).await;
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.replica + 1, self.number)
    }
}

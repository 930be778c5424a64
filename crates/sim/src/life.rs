//! One life of the process, from its start to its end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

use crate::world::World;

/// One life of the process. After its end nothing that it does has any effect.
pub struct Life {
    /// The how-manieth.
    pub number: u64,
    starting: AtomicBool,
    stopping: AtomicBool,
    dead: AtomicBool,
    bell: Notify,
}

impl Life {
    /// It begins.
    #[must_use]
    pub fn of(number: u64) -> Arc<Self> {
        let (stopping, dead, bell) = Default::default();
        Arc::new(Self { number, starting: AtomicBool::new(true), stopping, dead, bell })
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Whether it has only begun.
    pub fn is_starting(&self) -> bool {
        self.starting.load(Ordering::Relaxed)
    }

    /// Ends here, unless it is ending already; true when it is over now.
    pub fn ends(&self, world: &World, point: &'static str) -> bool {
        if self.is_over() || self.stopping.load(Ordering::Relaxed) || !world.faults.strike(point) {
            return self.is_over();
        }
        world.trace(None, format!("process {} ends: {point}", self.number));
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
        self.until(|| self.is_over() || self.stopping.load(Ordering::Relaxed)).await;
    }
}

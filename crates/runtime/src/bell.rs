//! A bell that wakes everyone who waits for it in the order in which they came,
//! so that a run on virtual time is the same each time. (tokio's `watch` wakes
//! its receivers in an order drawn at random.)

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::Notify;

/// A bell.
#[derive(Default)]
pub struct Bell {
    rung: AtomicU64,
    waiting: Notify,
}

/// Somebody who hears a bell, also while looking elsewhere.
pub struct Ear {
    bell: Arc<Bell>,
    heard: u64,
}

impl Bell {
    /// Wakes everyone.
    pub fn ring(&self) {
        self.rung.fetch_add(1, Ordering::Release);
        self.waiting.notify_waiters();
    }

    /// Hears it from now on.
    pub fn ear(self: &Arc<Self>) -> Ear {
        Ear { bell: Arc::clone(self), heard: self.rung.load(Ordering::Acquire) }
    }
}

impl Ear {
    /// Waits until it has rung since this was last heard. Given up in between,
    /// nothing is missed.
    pub async fn hear(&mut self) {
        let mut rings = std::pin::pin!(self.bell.waiting.notified());
        rings.as_mut().enable();
        if self.bell.rung.load(Ordering::Acquire) == self.heard {
            rings.await;
        }
        self.heard = self.bell.rung.load(Ordering::Acquire);
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Bell};

    #[tokio::test]
    async fn what_rang_before_anybody_waited_is_heard_once() {
        let bell = Arc::new(Bell::default());
        let mut ear = bell.ear();
        bell.ring();
        bell.ring();
        ear.hear().await;
        let again = tokio::time::timeout(std::time::Duration::from_millis(1), ear.hear());
        assert!(again.await.is_err());
    }
}

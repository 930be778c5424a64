//! Business time that follows tokio's, and jumps.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use kernel::Time;
use runtime::ports::Clock;
use tokio::time::Instant;

/// 2026-01-05 09:00 in Seoul.
const BEGIN: i64 = 1_767_571_200_000;
/// The farthest it goes wrong, in either direction.
const FARTHEST: i64 = 3 * 60 * 60 * 1000;

/// Business time that follows tokio's, and jumps.
pub struct Jumping {
    begin: Instant,
    wrong: AtomicI64,
}

impl Jumping {
    /// Right, for the present.
    #[must_use]
    pub fn new() -> Self {
        Self { begin: Instant::now(), wrong: AtomicI64::new(0) }
    }

    /// How long the run has lasted, whatever the hands say.
    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Goes wrong by so many milliseconds more.
    pub fn jump(&self, by: i64) {
        let wrong = self.wrong.load(Ordering::Relaxed).saturating_add(by);
        self.wrong.store(wrong.clamp(-FARTHEST, FARTHEST), Ordering::Relaxed);
    }
}

impl Default for Jumping {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Jumping {
    fn now(&self) -> Time {
        Time(BEGIN + self.wrong.load(Ordering::Relaxed)).plus(self.begin.elapsed())
    }
}

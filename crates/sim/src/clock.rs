//! Business time that follows tokio's, and jumps.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use kernel::Time;
use parking_lot::Mutex;
use runtime::ports::Clock;
use tokio::time::Instant;

/// 2026-01-05 09:00 in Seoul.
const BEGIN: i64 = 1_767_571_200_000;
/// How often anybody looks at it before any time passes.
const MOST: u64 = 20_000;
/// The farthest it goes wrong, in either direction.
const FARTHEST: i64 = 3 * 60 * 60 * 1000;

/// Business time that follows tokio's, and jumps.
pub struct Jumping {
    begin: Instant,
    wrong: AtomicI64,
    /// How often somebody has looked at it since time last moved.
    looks: Mutex<(Option<Instant>, u64)>,
    circles: AtomicBool,
}

impl Jumping {
    /// Right, for the present.
    #[must_use]
    pub fn new() -> Self {
        let (wrong, looks, circles) = Default::default();
        Self { begin: Instant::now(), wrong, looks, circles }
    }

    /// How long the run has lasted, whatever the hands say.
    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Whether somebody has looked at it for ever while no time passed.
    pub fn has_seen_circles(&self) -> bool {
        self.circles.load(Ordering::Relaxed)
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
        let mut looks = self.looks.lock();
        let now = Some(Instant::now());
        *looks = if looks.0 == now { (now, looks.1 + 1) } else { (now, 0) };
        if looks.1 > MOST {
            // Nothing else could stop it.
            self.circles.store(true, Ordering::Relaxed);
            looks.1 = 0;
            std::panic::panic_any(crate::PANIC);
        }
        drop(looks);
        Time(BEGIN + self.wrong.load(Ordering::Relaxed)).plus(self.begin.elapsed())
    }
}

//! Time that is virtual, and chance that comes from a seed.

use std::sync::atomic::{AtomicI64, Ordering};

use kernel::Time;
use parking_lot::Mutex;
use runtime::ports::{Chance, Clock};
use tokio::time::Instant;

/// 2026-01-05 09:00 in Seoul.
const BEGIN: i64 = 1_767_571_200_000;

/// Business time that follows tokio's, and can be set.
pub struct Virtual {
    begin: Instant,
    wrong: AtomicI64,
}

/// Chance from a seed (`SplitMix64`; Steele, Lea and Flood 2014).
pub struct Seeded(Mutex<u64>);

impl Virtual {
    /// Its hands stand where business time began plus what tokio has counted.
    #[must_use]
    pub fn new() -> Self {
        Self { begin: Instant::now(), wrong: AtomicI64::new(0) }
    }

    /// Sets it so many milliseconds forward, or back.
    pub fn set(&self, by: i64) {
        self.wrong.fetch_add(by, Ordering::Relaxed);
    }
}

impl Default for Virtual {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Virtual {
    fn now(&self) -> Time {
        Time(BEGIN + self.wrong.load(Ordering::Relaxed)).plus(self.begin.elapsed())
    }
}

impl Seeded {
    /// Always the same from the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Chance for Seeded {
    fn bits(&self) -> u128 {
        let mut state = self.0.lock();
        let mut next = || {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u128::from(z ^ (z >> 31))
        };
        (next() << 64) | next()
    }
}

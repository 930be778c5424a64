//! How much of an experiment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::chance::Chance;

/// How much of an experiment.
#[derive(Debug, Clone, Copy)]
pub struct Dose {
    /// How often, in the experiment's own unit.
    pub n: u64,
    /// How long, where it lasts for a time.
    pub seconds: u64,
    /// Of everything that is left to chance.
    pub seed: u64,
}

impl Dose {
    /// A source of numbers that come again with the same seed.
    #[must_use]
    pub fn chance(&self) -> Chance {
        Chance::of(self.seed)
    }

    /// How long it lasts.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The number as the size of something.
    #[must_use]
    pub fn size(&self) -> usize {
        usize::try_from(self.n).unwrap_or(usize::MAX)
    }
}

/// A seed that is another one next time.
#[must_use]
pub fn seed_by_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) + since.as_secs() % 1_000_000
}

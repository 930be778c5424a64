//! Everything that is drawn, from the one seed.

use rehearsal::Seeded;
use runtime::ports::Chance;

/// Numbers that are always the same from the same seed.
pub struct Dice(Seeded);

impl Dice {
    /// Each purpose has numbers of its own.
    pub fn of(seed: u64, purpose: u64) -> Self {
        Self(Seeded::new(seed.wrapping_mul(0x0100_0000_01b3) ^ purpose))
    }

    /// The next number.
    pub fn bits(&self) -> u64 {
        u64::try_from(self.0.bits() >> 64).unwrap_or_default()
    }

    /// Less than this; 0 when it is 0.
    pub fn below(&self, end: u64) -> u64 {
        self.bits().checked_rem(end).unwrap_or(0)
    }

    /// Less than this; 0 when it is 0.
    pub fn index(&self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }

    /// Between these, both included.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// True so many times in a hundred.
    pub fn percent(&self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of these.
    pub fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[self.index(all.len())]
    }
}

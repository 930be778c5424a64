//! Numbers by chance that come again with the same seed.

/// A source of numbers (`SplitMix64`): small, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The one that begins with a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Another source, for whoever has this number.
    pub fn fork(&mut self, number: u64) -> Self {
        Self(self.bits() ^ number)
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut chance = Chance::of(seed);
            (0..100).map(|_| chance.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn every_fork_goes_its_own_way() {
        let mut chance = Chance::of(7);
        let (mut one, mut other) = (chance.fork(1), chance.fork(2));
        assert_ne!(one.bits(), other.bits());
    }
}

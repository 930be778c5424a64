//! Which of several: the less busy of two that are drawn.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A sequence without a pattern that anybody would see; cheap, and nobody's secret.
#[derive(Debug, Default)]
pub struct Luck(AtomicU64);

impl Luck {
    /// The next number.
    pub fn draw(&self) -> u64 {
        // SplitMix64.
        let mut it = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Relaxed);
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }
}

/// Draws two of so many, and chooses the less busy one; of one, that one.
pub fn of_two(count: usize, luck: u64, busy: impl Fn(usize) -> usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let half = |it: u64| usize::try_from(it & 0xFFFF_FFFF).unwrap_or(0);
    let one = half(luck) % count;
    if last == 0 {
        return Some(one);
    }
    let other = (one + 1 + half(luck >> 32) % last) % count;
    Some(if busy(other) < busy(one) { other } else { one })
}

#[cfg(test)]
mod tests {
    use super::{Luck, of_two};

    #[test]
    fn everyone_is_drawn_and_the_busiest_never_chosen() {
        let luck = Luck::default();
        let mut chosen = [0; 4];
        for _ in 0..1_000 {
            chosen[of_two(4, luck.draw(), |it| it).unwrap()] += 1;
        }
        assert_eq!(chosen[3], 0, "it is the busier one of any two");
        assert!(chosen[..3].windows(2).all(|it| it[0] > it[1] && it[1] > 0), "{chosen:?}");
    }

    #[test]
    fn of_equals_each_has_its_share() {
        let luck = Luck::default();
        let mut chosen = [0; 3];
        for _ in 0..3_000 {
            chosen[of_two(3, luck.draw(), |_| 0).unwrap()] += 1;
        }
        assert!(chosen.iter().all(|it| (850..1_150).contains(it)), "{chosen:?}");
        assert_eq!(of_two(0, 7, |_| 0), None);
        assert_eq!(of_two(1, 7, |_| 0), Some(0));
    }
}

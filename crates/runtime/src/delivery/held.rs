//! Cases that are held up in a subscription.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Case;

use crate::mutant;

/// For each case, the positions that have to be done in order before anything
/// later of it.
#[derive(Default, Clone)]
pub struct Held(BTreeMap<Case, BTreeSet<u64>>);

impl Held {
    /// Whether something of this case has to be done first.
    pub fn up(&self, case: Case) -> bool {
        self.0.contains_key(&case) && !mutant::NOTHING_HELD_UP.is_planted()
    }

    /// Whether no case is held up.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This one is put aside.
    pub fn put(&mut self, case: Case, position: u64) {
        self.0.entry(case).or_default().insert(position);
    }

    /// Whether it is the first of its case.
    pub fn is_first(&self, case: Case, position: u64) -> bool {
        let first = self.0.get(&case).and_then(BTreeSet::first);
        first.is_none_or(|first| *first == position)
    }

    /// The first of this case that is not done.
    pub fn first(&self, case: Case) -> Option<u64> {
        self.0.get(&case)?.first().copied()
    }

    /// The next of the same case, that waits behind this one.
    pub fn behind(&self, case: Case, position: u64) -> Option<u64> {
        self.0.get(&case)?.range(position + 1..).next().copied()
    }

    /// This one is done.
    pub fn done(&mut self, case: Case, position: u64) {
        if let Some(positions) = self.0.get_mut(&case) {
            positions.remove(&position);
            if positions.is_empty() {
                self.0.remove(&case);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Held};

    #[test]
    fn a_case_is_held_up_until_its_last_is_done() {
        let (one, other) =
            (Case { kind: "request", number: 1 }, Case { kind: "request", number: 2 });
        let mut held = Held::default();
        held.put(one, 7);
        held.put(one, 9);
        assert!(held.up(one) && !held.up(other));
        assert!(held.is_first(one, 7) && !held.is_first(one, 9));
        assert_eq!(held.behind(one, 7), Some(9));
        held.done(one, 7);
        assert!(held.up(one) && held.is_first(one, 9));
        held.done(one, 9);
        assert!(!held.up(one));
    }
}

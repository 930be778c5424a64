//! Whether something goes wrong at a point, this time.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::{dice::Dice, options::Options};

/// What goes wrong in one run.
pub struct Faults(Mutex<State>);

struct State {
    on: bool,
    dice: Dice,
    crashes: u64,
    active: BTreeMap<&'static str, u64>,
    struck: BTreeMap<&'static str, u64>,
}

impl Faults {
    /// As the options have it.
    #[must_use]
    pub fn of(options: &Options) -> Self {
        Self(Mutex::new(State {
            on: true,
            dice: Dice::of(options.seed, "faults"),
            crashes: options.crashes,
            active: options.faults.clone(),
            struck: BTreeMap::new(),
        }))
    }

    /// Whether something goes wrong here, this time.
    pub fn strike(&self, point: &'static str) -> bool {
        let mut state = self.0.lock();
        let Some(one_in) = state.active.get(point).copied().filter(|_| state.on) else {
            return false;
        };
        let ends = point.starts_with("crash") || point.starts_with("orderly");
        if state.dice.below(one_in) != 0 || (ends && state.crashes == 0) {
            return false;
        }
        state.crashes -= u64::from(ends);
        *state.struck.entry(point).or_default() += 1;
        true
    }

    /// From now on nothing goes wrong any more.
    pub fn end(&self) {
        self.0.lock().on = false;
    }

    /// Whether things still go wrong.
    pub fn are_on(&self) -> bool {
        self.0.lock().on
    }

    /// Something remarkable has happened.
    pub fn saw(&self, what: &'static str) {
        *self.0.lock().struck.entry(what).or_default() += 1;
    }

    /// How often each has happened.
    #[must_use]
    pub fn struck(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().struck.clone()
    }
}

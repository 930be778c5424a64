//! Whether something goes wrong at a point, this time.

use std::{collections::BTreeMap, time::Duration};

use parking_lot::Mutex;

use crate::{dice::Dice, options::Options};

/// What goes wrong in one run.
pub struct Faults(Mutex<State>);

struct State {
    on: bool,
    seed: u64,
    crashes: u64,
    active: BTreeMap<&'static str, u64>,
    /// Each point has dice of its own, so that leaving one out leaves the others alone.
    dice: BTreeMap<&'static str, Dice>,
    struck: BTreeMap<&'static str, u64>,
}

impl Faults {
    /// As the options have it.
    #[must_use]
    pub fn of(options: &Options) -> Self {
        Self(Mutex::new(State {
            on: true,
            seed: options.seed,
            crashes: options.crashes,
            active: options.faults.clone(),
            dice: BTreeMap::new(),
            struck: BTreeMap::new(),
        }))
    }

    /// Whether something goes wrong here, this time.
    pub fn strike(&self, point: &'static str) -> bool {
        let mut state = self.0.lock();
        let Some(one_in) = state.active.get(point).copied().filter(|_| state.on) else {
            return false;
        };
        let ends = ["crash", "orderly", "panic"].iter().any(|it| point.starts_with(it));
        if state.dice(point).below(one_in) != 0 || (ends && state.crashes == 0) {
            return false;
        }
        state.crashes -= u64::from(ends);
        *state.struck.entry(point).or_default() += 1;
        true
    }

    /// How long something takes that strikes here: mostly short, sometimes
    /// longer than anybody waits.
    pub fn lasts(&self, point: &'static str) -> Duration {
        let mut state = self.0.lock();
        let dice = state.dice(point);
        let most = *dice.pick(&[20, 20, 400, 400, 3_000, 60_000]);
        dice.wait(1, most)
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

impl State {
    fn dice(&mut self, point: &'static str) -> &mut Dice {
        let seed = self.seed;
        self.dice.entry(point).or_insert_with(|| Dice::of(seed, point))
    }
}

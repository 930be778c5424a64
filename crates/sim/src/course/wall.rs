//! Wall: what happened to every amount, from three journals.

use kernel::{Context, Counted, Evolve, Message, Recorded, View};
use serde::{Deserialize, Serialize};

use super::{
    CountId,
    counter::Added,
    press::Printed,
    teller::{Echoed, Remembered, Told},
};

/// What happened to the amounts of one counter; each field from one journal.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct WallRow {
    pub added: Vec<u64>,
    pub told: Vec<u64>,
    pub printed: Vec<u64>,
}

pub fn context() -> Context {
    Context::named("wall").view(
        View::<WallRow>::named("walls")
            .shows::<Added>()
            .shows::<Printed>()
            .shows_by::<Told>(|it| CountId::new(it.of.number()))
            .shows_by::<Remembered>(|it| CountId::new(it.of.number()))
            .shows_by::<Echoed>(|it| CountId::new(it.of.number() % 1_000)),
    )
}

impl Evolve<Added> for WallRow {
    fn evolve(&mut self, it: &Recorded<Added>) {
        self.added.push(it.amount);
    }
}

impl Evolve<Printed> for WallRow {
    fn evolve(&mut self, it: &Recorded<Printed>) {
        self.printed.push(it.amount);
    }
}

impl Evolve<Told> for WallRow {
    fn evolve(&mut self, it: &Recorded<Told>) {
        self.told.push(it.amount);
    }
}

impl Evolve<Remembered> for WallRow {
    fn evolve(&mut self, it: &Recorded<Remembered>) {
        self.told.push(100_000 + it.amount);
    }
}

impl Evolve<Echoed> for WallRow {
    fn evolve(&mut self, it: &Recorded<Echoed>) {
        self.told.push(200_000 + it.amount);
    }
}

//! What a seed expands to.

use std::{collections::BTreeMap, fmt, time::Duration};

use kernel::System;
use runtime::Settings;

use crate::{course, dice::Dice, points};

/// Which business is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Business {
    /// The appliance repair centre.
    Repair,
    /// The obstacle course.
    Course,
}

/// What a seed expands to.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed.
    pub seed: u64,
    /// Which business is run.
    pub business: Business,
    /// How many customers there are, each acting on their own.
    pub customers: u64,
    /// How many engineers.
    pub engineers: u64,
    /// How many requests there will be at the most.
    pub cases: u64,
    /// How many products, and kinds of parts.
    pub products: u64,
    /// How many lots of parts come in, at the most.
    pub lots: u64,
    /// How many parts come in at once, at the most.
    pub lot: u64,
    /// How long people act and things go wrong.
    pub busy: Duration,
    /// The longest pause between two things that one person does.
    pub pause: u64,
    /// Which contexts share a database.
    pub databases: Vec<Vec<&'static str>>,
    /// How many events a subscription takes in one go.
    pub batch: usize,
    /// How many outside calls run at once.
    pub outside_at_once: usize,
    /// How often what fails by its own fault is tried.
    pub attempts: u32,
    /// In how many of a hundred lots a part costs nothing.
    pub free: u64,
    /// The most crashes and restarts.
    pub crashes: u64,
    /// What may go wrong, each at one visit in so many.
    pub faults: BTreeMap<&'static str, u64>,
}

impl Business {
    /// What it declares.
    #[must_use]
    pub fn system(self) -> System {
        match self {
            Self::Repair => appliance_repair::system(),
            Self::Course => course::system(),
        }
    }
}

impl Options {
    /// What this seed expands to.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, "options");
        let business = if dice.percent(60) { Business::Repair } else { Business::Course };
        let contexts: Vec<_> = business.system().contexts.iter().map(|it| it.name).collect();
        let databases = match dice.below(3) {
            0 => vec![contexts],
            1 => contexts.into_iter().map(|name| vec![name]).collect(),
            _ => {
                let (ones, others) = contexts.split_at(2);
                vec![ones.to_vec(), others.to_vec()]
            }
        };
        Self {
            seed,
            business,
            customers: dice.between(1, 4),
            engineers: dice.between(1, 4),
            cases: *dice.pick(&[1, 2, 3, 6, 10, 16]),
            products: dice.between(1, 3),
            lots: dice.between(0, 24),
            lot: dice.between(1, 4),
            busy: dice.wait(5_000, 60_000),
            pause: *dice.pick(&[20, 200, 1_000, 4_000]),
            databases,
            batch: *dice.pick(&[1, 2, 3, 7, 32, 256]),
            outside_at_once: *dice.pick(&[1, 2, 3, 64]),
            attempts: *dice.pick(&[1, 2, 5]),
            free: *dice.pick(&[0, 0, 20, 60]),
            crashes: dice.between(1, 12),
            faults: points::drawn(&mut dice),
        }
    }

    /// How patient the runtime is in this run.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let (batch, outside_at_once) = (self.batch, self.outside_at_once);
        Settings { batch, outside_at_once, attempts: self.attempts, ..Settings::default() }
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customers, engineers, cases, products, lot, busy, pause, .. } = self;
        writeln!(f, "  {:?}", self.business)?;
        writeln!(f, "  {customers} customers, {engineers} engineers, {cases} requests")?;
        let Self { lots, free, .. } = self;
        writeln!(f, "  {products} products, {lots} lots of {lot}, {free} % of them free")?;
        writeln!(f, "  busy for {busy:?}, pauses up to {pause} ms")?;
        writeln!(f, "  databases {:?}", self.databases)?;
        let Self { batch, outside_at_once, attempts, crashes, .. } = self;
        write!(f, "  batch {batch}, {outside_at_once} outside calls at once, ")?;
        writeln!(f, "{attempts} attempts, up to {crashes} crashes")?;
        for (name, one_in) in &self.faults {
            writeln!(f, "  {name}: 1 in {one_in}")?;
        }
        Ok(())
    }
}

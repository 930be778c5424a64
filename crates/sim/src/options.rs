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
    /// How many processes serve it, on databases that they share.
    pub replicas: u64,
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
    /// How long people act and things go wrong, in milliseconds.
    pub busy: u64,
    /// The longest pause between two things that one person does, in milliseconds.
    pub pause: u64,
    /// Which contexts share a database.
    pub databases: Vec<Vec<&'static str>>,
    /// How many events a subscription takes in one go.
    pub batch: u64,
    /// How many outside calls run at once.
    pub outside_at_once: u64,
    /// How often what fails by its own fault is tried.
    pub attempts: u64,
    /// In how many of a hundred lots a part costs nothing.
    pub free: u64,
    /// The most crashes, panics and restarts.
    pub crashes: u64,
    /// What may go wrong, each at one visit in so many.
    pub faults: BTreeMap<&'static str, u64>,
    /// What was set against the seed, as arguments of the command line.
    pub set: Vec<String>,
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
        let replicas = if dice.percent(30) { 2 } else { 1 };
        Self {
            seed,
            business,
            replicas,
            customers: dice.between(1, 4),
            engineers: dice.between(1, 4),
            cases: *dice.pick(&[1, 2, 3, 6, 10, 16]),
            products: dice.between(1, 3),
            lots: dice.between(0, 24),
            lot: dice.between(1, 4),
            busy: dice.between(5_000, 60_000),
            pause: *dice.pick(&[20, 200, 1_000, 4_000]),
            databases,
            batch: *dice.pick(&[1, 2, 3, 7, 32, 256]),
            outside_at_once: *dice.pick(&[1, 2, 3, 64]),
            attempts: *dice.pick(&[1, 2, 5]),
            free: *dice.pick(&[0, 0, 20, 60]),
            crashes: dice.between(1, 12),
            faults: points::drawn(&mut dice, replicas > 1),
            set: Vec::new(),
        }
    }

    /// How patient the runtime is in this run.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Settings {
            batch: size(self.batch),
            outside_at_once: size(self.outside_at_once),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            ..Settings::default()
        }
    }

    /// The numbers that can be set, each with the least that makes sense.
    fn numbers(&mut self) -> [(&'static str, u64, &mut u64); 13] {
        [
            ("replicas", 1, &mut self.replicas),
            ("customers", 0, &mut self.customers),
            ("engineers", 0, &mut self.engineers),
            ("cases", 1, &mut self.cases),
            ("products", 1, &mut self.products),
            ("lots", 0, &mut self.lots),
            ("lot", 1, &mut self.lot),
            ("busy", 500, &mut self.busy),
            ("pause", 1, &mut self.pause),
            ("batch", 1, &mut self.batch),
            ("outside-at-once", 1, &mut self.outside_at_once),
            ("attempts", 1, &mut self.attempts),
            ("crashes", 0, &mut self.crashes),
        ]
    }

    /// The names, the least values and the values of the numbers.
    #[must_use]
    pub fn listed(&self) -> Vec<(&'static str, u64, u64)> {
        let mut own = self.clone();
        own.numbers().map(|(name, least, value)| (name, least, *value)).to_vec()
    }

    /// Sets a number.
    ///
    /// # Errors
    ///
    /// When there is no such number, or it makes no sense.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        let listed = self.listed();
        let Some((_, least, _)) = listed.iter().find(|it| it.0 == name) else {
            let names: Vec<_> = listed.iter().map(|it| it.0).collect();
            return Err(format!("{name} cannot be set; there is {}", names.join(", ")));
        };
        if value < *least {
            return Err(format!("{name} is {least} at the least"));
        }
        if let Some((.., own)) = self.numbers().into_iter().find(|it| it.0 == name) {
            *own = value;
        }
        if self.replicas == 1 {
            self.faults.retain(|name, _| !points::needs_several(name));
        }
        self.set.retain(|it| !it.starts_with(&format!("--set {name}=")));
        self.set.push(format!("--set {name}={value}"));
        Ok(())
    }

    /// Leaves nothing that goes wrong but these.
    ///
    /// # Errors
    ///
    /// When one of them does not go wrong in this run.
    pub fn only(&mut self, names: &[String]) -> Result<(), String> {
        if let Some(name) = names.iter().find(|it| !self.faults.contains_key(it.as_str())) {
            return Err(format!("\"{name}\" does not go wrong with this seed"));
        }
        self.faults.retain(|name, _| names.iter().any(|it| it == name));
        self.set.retain(|it| !it.starts_with("--only") && it != "--calm");
        if names.is_empty() {
            self.set.push("--calm".into());
        }
        self.set.extend(names.iter().map(|name| format!("--only \"{name}\"")));
        Ok(())
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { business, replicas, customers, engineers, cases, .. } = self;
        writeln!(f, "  {business:?}, served by {replicas}")?;
        writeln!(f, "  {customers} customers, {engineers} engineers, {cases} requests")?;
        let Self { products, lots, lot, free, .. } = self;
        writeln!(f, "  {products} products, {lots} lots of {lot}, {free} % of them free")?;
        let busy = Duration::from_millis(self.busy);
        writeln!(f, "  busy for {busy:?}, pauses up to {} ms", self.pause)?;
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

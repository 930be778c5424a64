//! What came of a run, or of many, for a person to read.

use std::{collections::BTreeMap, time::Duration};

use crate::{POINTS, run::Outcome, trace::Line, world::Broken};

/// What must have happened at least once in a large batch, besides every point.
pub const SOMETIMES: &[&str] = &[
    "AsAccepted",
    "AsCancelDenied",
    "AsCanceled",
    "BecameReceivable",
    "CancelDenied",
    "CancelNoted",
    "JobPaid",
    "JobPaymentDeclined",
    "PartsConsumed",
    "PartsReleased",
    "PartsShort",
    "PaymentDeclined",
    "ReservationRefused",
    "ServiceCanceled",
    "a case is held up",
    "a charge is asked for again",
    "a delivery is parked",
    "a delivery is put aside",
    "a delivery waits for its time",
    "told again what was told before",
    "told no in the end",
    "told that it goes on",
    "told that it is settled",
    "told that the key is at work",
    "told that the key was used for something else",
    "told to come back later",
    "what was parked is tried again",
];

/// How many lines of a trace are shown.
const LAST: usize = 40;

/// Many runs.
#[derive(Default)]
pub struct Batch {
    runs: u64,
    broken: Vec<u64>,
    struck: BTreeMap<&'static str, (u64, u64)>,
}

impl Batch {
    /// One more.
    pub fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        if outcome.broken.is_some() {
            self.broken.push(outcome.options.seed);
        }
        for (name, count) in &outcome.struck {
            let (runs, times) = self.struck.entry(name).or_default();
            (*runs, *times) = (*runs + 1, *times + count);
        }
    }

    /// Whether every invariant held in every run.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.broken.is_empty()
    }

    /// Points and rare things that never came up.
    #[must_use]
    pub fn never(&self) -> Vec<&'static str> {
        let points = POINTS.iter().map(|point| point.name);
        let all = points.chain(SOMETIMES.iter().copied());
        all.filter(|name| !self.struck.contains_key(name)).collect()
    }

    /// How often each came up.
    #[must_use]
    pub fn table(&self) -> String {
        let all = self.struck.iter().map(|(name, counts)| (*name, *counts));
        let never = self.never().into_iter().map(|name| (name, (0, 0)));
        let all: BTreeMap<_, _> = all.chain(never).collect();
        let line = |(name, (runs, times)): (&str, (u64, u64))| {
            format!("{times:>9} times in {runs:>7} runs  {name}\n")
        };
        all.into_iter().map(line).collect()
    }

    /// The sum.
    #[must_use]
    pub fn sum(&self, took: Duration) -> String {
        let Self { runs, broken, .. } = self;
        let speed = u128::from(*runs) * 1_000 / took.as_millis().max(1);
        let took = took.as_secs();
        format!("{runs} runs in {took} s ({speed} each second), {} broken {broken:?}", broken.len())
    }
}

/// Everything that happened in a run.
#[must_use]
pub fn story(outcome: &Outcome) -> String {
    let Outcome { options, trace, .. } = outcome;
    let lines = listed(trace.lines().iter());
    format!("seed {}\n{options}{lines}fingerprint {:016x}\n", options.seed, trace.hash())
}

/// What is wrong with a run, and how to see it again.
#[must_use]
pub fn failure(outcome: &Outcome) -> String {
    let Some(broken) = &outcome.broken else { return String::new() };
    let seed = outcome.options.seed;
    let last = outcome.trace.last(broken.case, LAST);
    let lines = listed(last.into_iter());
    let again = format!("again: cargo run --release -p sim -- --seed {seed} --trace");
    let Broken { sentence, .. } = broken;
    format!("\nseed {seed} is broken: {sentence}\n{}{lines}{again}\n\n", outcome.options)
}

fn listed<'a>(lines: impl Iterator<Item = &'a Line>) -> String {
    lines.fold(String::new(), |text, line| format!("{text}{line}\n"))
}

//! What came of a run, or of many, for a person to read.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    POINTS,
    laws::{LAWS, Law},
    options::Options,
    run::Outcome,
    trace::Line,
    world::Broken,
};

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
    "a breaker lets a call try",
    "a case is held up",
    "a charge is asked for again",
    "a delivery is parked",
    "a delivery is put aside",
    "a delivery waits for its time",
    "a view is shown as it was rebuilt",
    "a subscription is taken over",
    "a subscription is taken over by another process",
    "answered while the process ends in good order",
    "canceled after it was accepted",
    "canceled before anybody accepted",
    "canceled before it was known",
    "canceled while an acceptance was waiting",
    "given up before it was paid",
    "paid after it was given up",
    "paid in time",
    "told again what was told before",
    "told no in the end",
    "told that it goes on",
    "told that it is settled",
    "told that the key is at work",
    "told that there is no room",
    "told that the key was used for something else",
    "told to come back later",
    "what was parked is tried again",
];

/// The same, where the code has its fault points.
#[cfg(feature = "fault-points")]
const FROZEN: &[&str] = &["a process is frozen for longer than its leases"];
#[cfg(not(feature = "fault-points"))]
const FROZEN: &[&str] = &[];

/// How many lines of a trace are shown.
const LAST: usize = 40;

/// Many runs.
#[derive(Default)]
pub struct Batch {
    runs: u64,
    broken: Vec<u64>,
    /// How many seconds the slowest took to settle.
    slowest: u64,
    struck: BTreeMap<&'static str, (u64, u64)>,
}

impl Batch {
    /// One more.
    pub fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        if outcome.broken.is_some() {
            self.broken.push(outcome.options.seed);
        }
        self.slowest = self.slowest.max(outcome.settled);
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
        let laws = LAWS.iter().map(|law| law.id);
        let all = points.chain(laws).chain(SOMETIMES.iter().chain(FROZEN).copied());
        let all = all.chain(reached());
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
        let Self { runs, broken, slowest, .. } = self;
        let speed = u128::from(*runs) * 1_000 / took.as_millis().max(1);
        let took = took.as_secs();
        let count = broken.len();
        format!(
            "{runs} runs in {took} s ({speed} each second), all settled within {slowest} s, \
             {count} broken {broken:?}"
        )
    }
}

/// Every fault point of the code must be reached.
#[cfg(feature = "fault-points")]
fn reached() -> impl Iterator<Item = &'static str> {
    crate::points::IN_THE_CODE.values().map(|names| names.reached)
}

#[cfg(not(feature = "fault-points"))]
fn reached() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}

/// The laws, how often each was looked at, and where.
#[must_use]
pub fn laws(batch: &Batch) -> String {
    let line = |law: &&Law| {
        let (runs, times) = batch.struck.get(law.id).copied().unwrap_or_default();
        let Law { id, what, looked_at } = law;
        let seen = format!("looked at {times} times in {runs} runs");
        format!("{id:<4} {what}\n       {looked_at}\n       {seen}\n")
    };
    LAWS.iter().map(line).collect()
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
    let Options { seed, set, .. } = &outcome.options;
    let last = outcome.trace.last(broken.case, LAST);
    let lines = listed(last.into_iter());
    let again = format!("again: cargo sim --seed {seed} {} --trace", set.join(" "));
    let Broken { law, sentence, .. } = broken;
    let head = format!("seed {seed} breaks {}: {sentence}\n  ({})", law.id, law.what);
    format!("\n{head}\n{}{lines}{again}\n\n", outcome.options)
}

fn listed<'a>(lines: impl Iterator<Item = &'a Line>) -> String {
    lines.fold(String::new(), |text, line| format!("{text}{line}\n"))
}

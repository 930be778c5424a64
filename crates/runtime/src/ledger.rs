//! The ledger: for every subscription, what was committed is accounted for.
//!
//! **Invariant:** `committed = done + refused + waiting + leased + failed +
//! parked + abandoned`, at every moment. Each figure has a source of its own:
//! the tallies of the journal, the progress, a count over the journal behind
//! the progress, and the deliveries that took a path of their own.

use std::sync::Arc;

use serde::Serialize;

use crate::{Failure, Runtime, delivery::Line, store::Progress};

/// How often a snapshot is taken again because something moved meanwhile.
const ROUNDS: usize = 50;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The context that is told.
    pub context: &'static str,
    /// Its subscription.
    pub subscription: Arc<str>,
    /// Whose journal it reads.
    pub source: &'static str,
    /// How many events it is to be told of have happened.
    pub committed: u64,
    /// Delivered.
    pub done: u64,
    /// Delivered, and the business said no.
    pub refused: u64,
    /// Not yet delivered, or not before their time.
    pub waiting: u64,
    /// In hand right now.
    pub leased: u64,
    /// Failed, and will be tried again.
    pub failed: u64,
    /// Will not be tried again until an operator says so.
    pub parked: u64,
    /// Given up by an operator.
    pub abandoned: u64,
}

impl Entry {
    /// Whether it adds up.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let sum = self.done + self.refused + self.waiting + self.leased;
        self.committed == sum + self.failed + self.parked + self.abandoned
    }
}

impl Runtime {
    /// The whole ledger.
    ///
    /// # Errors
    ///
    /// When a store cannot be read.
    pub fn ledger(&self) -> Result<Vec<Entry>, Failure> {
        self.mail.iter().map(|(line, _)| self.entry(line)).collect()
    }

    fn entry(&self, line: &Line) -> Result<Entry, Failure> {
        let (own, source) = (self.store(line.context)?, self.store(line.source)?);
        let mut entry = Entry::of(line);
        for _ in 0..ROUNDS {
            let before = self.progress_of(line)?;
            let aside = own.count_deliveries(line.context, &line.subscription, line.source)?;
            let tallies = source.heads(line.source)?.tallies;
            let position = before.as_ref().map_or(0, |it| it.position);
            let waiting = source.count_after(line.source, position, &line.events)?;
            let still = source.heads(line.source)?.tallies == tallies;
            entry = Entry::of(line);
            if let Some(progress) = &before {
                entry.done = progress.done;
                entry.refused = progress.refused;
                entry.abandoned = progress.abandoned;
            }
            let wanted = tallies.iter().filter(|(name, _)| line.events.contains(name));
            entry.committed = wanted.map(|(_, count)| count).sum();
            let count = |stage| {
                let found = aside.iter().find(|(name, _)| *name == stage);
                found.map_or(0, |(_, count)| *count)
            };
            (entry.failed, entry.parked) = (count("failed"), count("parked"));
            entry.waiting = waiting + count("waiting");
            if still && self.progress_of(line)? == before {
                break;
            }
        }
        Ok(entry)
    }

    fn progress_of(&self, line: &Line) -> Result<Option<Progress>, Failure> {
        let progress = self.store(line.context)?.progress(line.context)?.into_iter();
        let mut own =
            progress.filter(|it| it.subscription == line.subscription && it.source == line.source);
        Ok(own.next())
    }
}

impl Entry {
    fn of(line: &Line) -> Self {
        Self {
            context: line.context,
            subscription: line.subscription.clone(),
            source: line.source,
            committed: 0,
            done: 0,
            refused: 0,
            waiting: 0,
            leased: 0,
            failed: 0,
            parked: 0,
            abandoned: 0,
        }
    }
}

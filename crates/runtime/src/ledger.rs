//! The ledger: for every subscription, what was committed is accounted for.
//!
//! **Invariant:** `committed = done + refused + waiting + leased + failed +
//! parked + abandoned`, at every moment. Each figure has a source of its own:
//! the tallies of the journal, the progress, a count over the journal behind
//! the progress, and the deliveries that took a path of their own.

use std::sync::Arc;

use serde::Serialize;

use crate::{Failure, Runtime, delivery::Line, ports::Count, store::Progress};

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
    pub async fn ledger(&self) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::with_capacity(self.mail.len());
        for (line, _) in &self.mail {
            entries.push(self.entry(line).await?);
        }
        Ok(entries)
    }

    async fn entry(&self, line: &Line) -> Result<Entry, Failure> {
        let own = self.store(line.context)?;
        let mut entry = Entry::of(line);
        for _ in 0..ROUNDS {
            let before = self.progress_of(line)?;
            let aside = own.count_deliveries(line.context, &line.subscription, line.source)?;
            let position = before.as_ref().map_or(0, |it| it.position);
            let counted = self.count(line.source, position, &line.events).await?;
            entry = Entry::of(line);
            if let Some(progress) = &before {
                entry.done = progress.done;
                entry.refused = progress.refused;
                entry.abandoned = progress.abandoned;
            }
            entry.committed = counted.all;
            let count = |stage| {
                let found = aside.iter().find(|(name, _)| *name == stage);
                found.map_or(0, |(_, count)| *count)
            };
            (entry.failed, entry.parked) = (count("failed"), count("parked"));
            entry.waiting = counted.after + count("waiting");
            if self.progress_of(line)? == before {
                break;
            }
        }
        Ok(entry)
    }

    /// What is counted of these events in a journal, wherever it is.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn count(
        &self,
        context: &'static str,
        after: u64,
        names: &[&'static str],
    ) -> Result<Count, Failure> {
        let Some(store) = self.stores.get(context) else {
            return self.elsewhere(context)?.count(context, after, names).await;
        };
        loop {
            let heads = store.heads(context)?;
            let counted = store.count_after(context, after, names)?;
            if store.heads(context)?.tallies == heads.tallies {
                let wanted = heads.tallies.iter().filter(|(name, _)| names.contains(name));
                let all = wanted.map(|(_, count)| count).sum();
                return Ok(Count { head: heads.position, all, after: counted });
            }
        }
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

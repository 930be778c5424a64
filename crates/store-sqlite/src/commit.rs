//! One batch is one transaction.

use std::collections::HashSet;

use runtime::store::{Batch, Changes, StoreError};
use rusqlite::Connection;

use crate::{
    SqliteStore,
    context::Context,
    fault::Fault,
    journal::{Chain, Chains},
    ledger::Ledger,
    words::Words,
};

impl SqliteStore {
    /// All of it or nothing.
    pub(crate) fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        self.writer.lock().transact(&self.words, |connection, ledgers| {
            for changes in &batch.changes {
                let context = self.context(changes.context)?;
                change(connection, &self.words, context, &mut ledgers[context.index], changes)?;
            }
            runtime::fault::reached_in_a_store("store.before_commit");
            Ok(())
        })
    }
}

fn change(
    connection: &Connection,
    words: &Words,
    context: &Context,
    ledger: &mut Ledger,
    changes: &Changes,
) -> Result<(), Fault> {
    let before = ledger.clone();
    append(connection, words, context, ledger, changes)?;
    for row in &changes.rows {
        let view = context.view(row.view)?;
        if view.put(connection, row)? {
            *ledger.rows.entry(view.word).or_default() += 1;
        }
    }
    for answer in &changes.answers {
        context.answers.put(connection, answer)?;
    }
    for progress in &changes.progress {
        context.subscriptions.put(connection, words, progress)?;
    }
    for delivery in &changes.deliveries {
        context.deliveries.change(connection, words, delivery)?;
    }
    for act in &changes.acts {
        context.acts.add(connection, words, act)?;
    }
    if *ledger == before { Ok(()) } else { ledger.write(connection, context.word) }
}

/// States first: they say which event came before the first one of each.
fn append(
    connection: &Connection,
    words: &Words,
    context: &Context,
    ledger: &mut Ledger,
    changes: &Changes,
) -> Result<(), Fault> {
    let mut chains = chains(ledger.position, changes)?;
    let mut given = HashSet::new();
    for thing in &changes.things {
        given.insert((thing.kind, thing.number));
        context.kind(thing.kind)?.put(connection, words, thing, &mut chains)?;
    }
    if let Some((kind, number)) = chains.keys().find(|it| !given.contains(*it)) {
        return Err(Fault::Misuse(format!("{kind} {number} has an event, and no state after it")));
    }
    context.journal.append(connection, words, &changes.events, &mut chains, |word, event| {
        ledger.position = event.position;
        let (schema, _) = ledger.events.entry(word).or_default();
        *schema = event.schema.max(*schema);
    })?;
    for (name, count) in &changes.tallies {
        ledger.events.entry(words.number(connection, name)?).or_default().1 = *count;
    }
    Ok(())
}

/// The events by whom they happened to; each has the position after the one before.
fn chains(head: u64, changes: &Changes) -> Result<Chains, Fault> {
    let mut chains = Chains::with_capacity(changes.things.len());
    for (event, position) in changes.events.iter().zip(head + 1..) {
        if event.position != position {
            return Err(Fault::Conflict(format!("the journal of {}", changes.context)));
        }
        let key = (event.of.kind, event.of.number);
        let chain: &mut Chain = chains.entry(key).or_default();
        chain.count += 1;
        chain.newest = position;
    }
    Ok(chains)
}

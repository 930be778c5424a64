//! The port of the runtime, method by method.

use kernel::{Case, Event, Time};
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Progress, Query, Shadows, Shown,
    Store, StoreError, Thing,
};
use rusqlite::Connection;

use crate::{SqliteStore, fault::Fault, ledger::Ledger};

impl Store for SqliteStore {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.write(batch)
    }

    fn heads(&self, context: &'static str) -> Result<Heads, StoreError> {
        self.at_one_moment(|connection| {
            let context = self.context(context)?;
            let ledger = Ledger::read(connection, context.word)?;
            let mut numbers = Vec::new();
            for kind in &context.kinds {
                let newest = kind.newest(connection)?;
                numbers.extend(newest.map(|number| (kind.name, number)));
            }
            let words = self.words.list();
            let place = || format!("the ledger of {}", context.name);
            let tallies = ledger.events.iter();
            let tallies =
                tallies.map(|(word, (_, count))| Ok((words.known(*word, place)?, *count)));
            let mut tallies = tallies.collect::<Result<Vec<_>, Fault>>()?;
            numbers.sort_unstable();
            tallies.sort_unstable();
            Ok(Heads { position: ledger.position, numbers, tallies })
        })
    }

    fn thing(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Option<Thing>, StoreError> {
        let kind = self.context(context)?.kind(kind)?;
        Ok(self.read(|connection| kind.numbered(connection, &self.words, number))?)
    }

    fn things(
        &self,
        context: &'static str,
        kind: &'static str,
        numbers: &[u64],
    ) -> Result<Vec<Option<Thing>>, StoreError> {
        let kind = self.context(context)?.kind(kind)?;
        let numbered = |connection: &_| {
            numbers.iter().map(|it| kind.numbered(connection, &self.words, *it)).collect()
        };
        self.at_one_moment(numbered)
    }

    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Result<Option<Thing>, StoreError> {
        let kind = self.context(context)?.kind(kind)?;
        Ok(self.read(|connection| kind.named(connection, &self.words, name))?)
    }

    fn events(
        &self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let journal = &self.context(context)?.journal;
        Ok(self.read(|connection| journal.after(connection, &self.words, after, limit))?)
    }

    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let journal = &self.context(context)?.journal;
        Ok(self.read(|connection| journal.of_case(connection, &self.words, case, after, limit))?)
    }

    fn history(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let context = self.context(context)?;
        let kind = context.kind(kind)?;
        self.at_one_moment(|connection| {
            let Some(thing) = kind.numbered(connection, &self.words, number)? else {
                return Ok(Vec::new());
            };
            let events = context.journal.chain(connection, &self.words, thing.last)?;
            if events.len() as u64 == thing.version {
                return Ok(events);
            }
            let what = format!("the history of {} {number}", kind.name);
            let (are, should) = (events.len(), thing.version);
            Err(Fault::Unreadable(what, format!("it has {are} events and should have {should}")))
        })
    }

    fn count_after(
        &self,
        context: &'static str,
        after: u64,
        names: &[&'static str],
    ) -> Result<u64, StoreError> {
        let journal = &self.context(context)?.journal;
        Ok(self.read(|connection| journal.count_after(connection, &self.words, after, names))?)
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        let view = self.context(context)?.view(view)?;
        Ok(self.read(|connection| view.numbered(connection, number))?)
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        query: &Query,
    ) -> Result<Vec<Shown>, StoreError> {
        let view = self.context(context)?.view(view)?;
        Ok(self.read(|connection| view.list(connection, query))?)
    }

    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Result<u64, StoreError> {
        let context = self.context(context)?;
        let view = context.view(view)?;
        Ok(self.read(|connection| match filters {
            [] => {
                let ledger = Ledger::read(connection, context.word)?;
                Ok(ledger.rows.get(&view.word).copied().unwrap_or_default())
            }
            filters => view.count(connection, filters),
        })?)
    }

    fn answer(&self, context: &'static str, scope: u128) -> Result<Option<Answer>, StoreError> {
        let answers = &self.context(context)?.answers;
        Ok(self.read(|connection| answers.under(connection, scope))?)
    }

    fn progress(&self, context: &'static str) -> Result<Vec<Progress>, StoreError> {
        let subscriptions = &self.context(context)?.subscriptions;
        Ok(self.read(|connection| subscriptions.all(connection, &self.words))?)
    }

    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        self.at_one_moment(|connection| {
            deliveries.list(connection, &self.words, (subscription, stage), limit)
        })
    }

    fn delivery(
        &self,
        context: &'static str,
        key: &DeliveryKey,
    ) -> Result<Option<Delivery>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        Ok(self.read(|connection| deliveries.one(connection, &self.words, key))?)
    }

    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError> {
        let acts = &self.context(context)?.acts;
        Ok(self.read(|connection| acts.list(connection, &self.words, about, limit))?)
    }

    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        Ok(self.read(|connection| {
            deliveries.due(connection, &self.words, subscription, until, limit)
        })?)
    }

    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        Ok(self
            .read(|connection| deliveries.count(connection, &self.words, subscription, source))?)
    }

    fn stale_views(&self, context: &'static str) -> Result<Vec<&'static str>, StoreError> {
        let context = self.context(context)?;
        let stale = self.read(|connection| {
            let sql = "SELECT view FROM stale WHERE context = ?1";
            let mut select = connection.prepare_cached(sql)?;
            let stale = select.query_map([context.word], |row| row.get(0))?;
            Ok(stale.collect::<rusqlite::Result<Vec<i64>>>()?)
        })?;
        let views = context.views.iter().filter(|view| stale.contains(&view.word));
        Ok(views.map(|view| view.name).collect())
    }

    fn refreshed(&self, context: &'static str, view: &'static str) -> Result<(), StoreError> {
        let context = self.context(context)?;
        let view = context.view(view)?;
        self.writer.lock().transact(&self.words, |connection, _| {
            let sql = "DELETE FROM stale WHERE context = ?1 AND view = ?2";
            connection.prepare_cached(sql)?.execute((context.word, view.word))?;
            Ok(())
        })
    }

    fn has_room(&self) -> bool {
        self.writer.lock().has_room(&self.words)
    }

    fn shadows(&self) -> Option<&dyn Shadows> {
        Some(self)
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl SqliteStore {
    /// Several statements that see the same commits.
    fn at_one_moment<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        Ok(self.read(|connection| {
            let _moment = Moment::begin(connection)?;
            read(connection)
        })?)
    }
}

/// As long as it lasts a connection sees the same commits.
struct Moment<'c>(&'c Connection);

impl<'c> Moment<'c> {
    fn begin(connection: &'c Connection) -> Result<Self, Fault> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        // Nothing was written, so there is nothing that could be lost.
        let ended = self.0.prepare_cached("COMMIT").and_then(|mut it| it.execute([]));
        if let Err(error) = ended {
            tracing::warn!(%error, "a read did not end well");
        }
    }
}

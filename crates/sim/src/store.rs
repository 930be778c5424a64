//! A database as one process sees it: commits can fail, the process can end
//! before or after them, and somebody sees each.

use std::{error::Error, sync::Arc};

use kernel::{Case, Event, Time};
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Progress, Query, Shown, Store,
    StoreError, Thing,
};
use store_memory::MemoryStore;

use crate::{life::Life, world::World};

/// A database as one process sees it.
pub struct Watched {
    store: Arc<MemoryStore>,
    world: Arc<World>,
    life: Arc<Life>,
}

/// After these the process knows less than its database, and is soon restarted.
const DOUBTS: &[&str] =
    &["a commit is made, and its answer lost", "the database panics after a commit"];

type Found<T> = Result<T, StoreError>;

impl Watched {
    /// This database, seen by this process.
    #[must_use]
    pub fn over(store: Arc<MemoryStore>, world: &Arc<World>, life: &Arc<Life>) -> Self {
        Self { store, world: Arc::clone(world), life: Arc::clone(life) }
    }

    /// Somewhere to read, unless the process ends here.
    fn read(&self) -> Found<&MemoryStore> {
        let starting = self.life.is_starting();
        let point = if starting { "crash while starting" } else { "crash while reading" };
        if self.life.ends(&self.world, point) { Err(gone()) } else { Ok(&self.store) }
    }

    fn takes_lease(&self, batch: &Batch) -> bool {
        batch.changes.iter().any(|changes| {
            let held = self.store.progress(changes.context).unwrap_or_default();
            changes.progress.iter().any(|new| {
                let same =
                    |it: &&Progress| it.subscription == new.subscription && it.source == new.source;
                held.iter().find(same).is_none_or(|it| it.epoch < new.epoch)
            })
        })
    }

    fn written(&self, batch: &Batch) -> Found<()> {
        match self.store.commit(batch) {
            Ok(()) => {
                let taken = self.world.witness.lock().take(&self.world.system, batch);
                for (case, text) in taken.told {
                    self.world.trace(case, text);
                }
                taken.remarkable.iter().for_each(|what| self.world.faults.saw(what));
                if let Some(broken) = taken.broken {
                    self.world.breaks(broken.case, broken.sentence);
                }
                Ok(())
            }
            Err(error) => {
                if !DOUBTS.iter().any(|it| self.world.options.faults.contains_key(it)) {
                    self.world.breaks(None, format!("a commit does not fit: {error}"));
                }
                Err(error)
            }
        }
    }
}

impl Store for Watched {
    fn commit(&self, batch: &Batch) -> Found<()> {
        let (world, life) = (&self.world, &self.life);
        let lease = self.takes_lease(batch);
        if (lease && life.ends(world, "crash while a lease is taken"))
            || life.ends(world, "crash before a commit")
        {
            return Err(gone());
        }
        if world.faults.strike("a commit finds no room") {
            return Err(StoreError::Full(reason("no room")));
        }
        if world.faults.strike("a commit is not made, for no reason known") {
            return Err(StoreError::Broken(reason("no reason known")));
        }
        if world.faults.strike("the database panics before a commit") {
            std::panic::panic_any(crate::PANIC);
        }
        self.written(batch)?;
        if world.faults.strike("the database panics after a commit") {
            world.trace(None, "the database panics after a commit".into());
            std::panic::panic_any(crate::PANIC);
        }
        if world.faults.strike("a commit is made, and its answer lost") {
            world.trace(None, "a commit is made, and its answer lost".into());
            return Err(StoreError::Broken(reason("no answer")));
        }
        let over = life.ends(world, "crash after a commit, before anyone is told");
        if over { Err(gone()) } else { Ok(()) }
    }

    fn heads(&self, context: &'static str) -> Found<Heads> {
        self.read()?.heads(context)
    }

    fn thing(&self, context: &'static str, kind: &'static str, n: u64) -> Found<Option<Thing>> {
        self.read()?.thing(context, kind, n)
    }

    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Found<Option<Thing>> {
        self.read()?.thing_named(context, kind, name)
    }

    fn events(&self, context: &'static str, after: u64, limit: usize) -> Found<Vec<Event>> {
        self.read()?.events(context, after, limit)
    }

    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Found<Vec<Event>> {
        self.read()?.events_of_case(context, case, after, limit)
    }

    fn history(&self, context: &'static str, kind: &'static str, n: u64) -> Found<Vec<Event>> {
        self.read()?.history(context, kind, n)
    }

    fn count_after(&self, context: &'static str, after: u64, names: &[&'static str]) -> Found<u64> {
        self.read()?.count_after(context, after, names)
    }

    fn row(&self, context: &'static str, view: &'static str, n: u64) -> Found<Option<Shown>> {
        self.read()?.row(context, view, n)
    }

    fn rows(&self, context: &'static str, view: &'static str, query: &Query) -> Found<Vec<Shown>> {
        self.read()?.rows(context, view, query)
    }

    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Found<u64> {
        self.read()?.count_rows(context, view, filters)
    }

    fn answer(&self, context: &'static str, scope: u128) -> Found<Option<Answer>> {
        self.read()?.answer(context, scope)
    }

    fn progress(&self, context: &'static str) -> Found<Vec<Progress>> {
        self.read()?.progress(context)
    }

    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Found<Vec<Delivery>> {
        self.read()?.deliveries(context, subscription, stage, limit)
    }

    fn delivery(&self, context: &'static str, key: &DeliveryKey) -> Found<Option<Delivery>> {
        self.read()?.delivery(context, key)
    }

    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Found<Vec<Act>> {
        self.read()?.acts(context, about, limit)
    }

    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Found<Vec<Delivery>> {
        if self.world.faults.strike("the database panics while a reader looks") {
            std::panic::panic_any(crate::PANIC);
        }
        self.read()?.due(context, subscription, until, limit)
    }

    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Found<Vec<(&'static str, u64)>> {
        self.read()?.count_deliveries(context, subscription, source)
    }

    fn is_shared(&self) -> bool {
        false
    }
}

fn gone() -> StoreError {
    StoreError::Broken(reason("the process has ended"))
}

fn reason(text: &'static str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::<dyn Error + Send + Sync>::from(text))
}

//! A database as one process sees it: commits can fail, the process can end
//! before or after them, and somebody sees each.

use std::{
    error::Error,
    sync::{Arc, atomic::Ordering},
};

use kernel::{Case, Event, Time};
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Progress, Query, Shadows, Shown,
    Store, StoreError, Thing, Turn,
};
use store_memory::MemoryStore;

use crate::{laws::U2, life::Life, world::World};

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
        self.life.moves(&self.world);
        let starting = self.life.is_starting();
        let point = if starting { "crash while starting" } else { "crash while reading" };
        if self.life.ends(&self.world, point) {
            return Err(gone());
        }
        if self.world.away.load(Ordering::Relaxed) {
            return Err(StoreError::Away(reason("nobody answers")));
        }
        Ok(&self.store)
    }

    /// The same, for what is written beside the views.
    pub fn alive(&self) -> Found<&MemoryStore> {
        if self.world.full.load(Ordering::Relaxed) {
            return Err(StoreError::Full(reason("no room")));
        }
        self.read()
    }

    fn takes_lease(&self, batch: &Batch) -> bool {
        let mut taken = false;
        for changes in &batch.changes {
            let held = self.store.progress(changes.context).unwrap_or_default();
            for new in &changes.progress {
                let same =
                    |it: &&Progress| it.subscription == new.subscription && it.source == new.source;
                let before = held.iter().find(same);
                taken |= before.is_none_or(|it| it.epoch < new.epoch);
                if let Some(before) = before.filter(|it| it.epoch < new.epoch) {
                    self.world.faults.saw("a subscription is taken over");
                    if replica(&before.owner) != replica(&new.owner) {
                        self.world.faults.saw("a subscription is taken over by another process");
                    }
                }
            }
        }
        taken
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
                    self.world.breaks(broken.law, broken.case, broken.sentence);
                }
                Ok(())
            }
            Err(error) => {
                // In a turn of their own nobody is ever too late.
                let may_be_behind = !self.store.is_shared()
                    && DOUBTS.iter().any(|it| self.world.options.faults.contains_key(it));
                if !may_be_behind {
                    self.world.breaks(&U2, None, format!("a commit does not fit: {error}"));
                }
                Err(error)
            }
        }
    }

    /// As from a disk: the body is all there is, and it may be damaged.
    fn as_read(&self, event: &Event) -> Event {
        let place = (event.context, event.position);
        let mut garbled = self.world.garbled.lock();
        if self.world.faults.strike("an event cannot be read") {
            garbled.insert(place);
        }
        let body = if garbled.contains(&place) { (*b"[]").into() } else { event.body.clone() };
        Event::stored(event.name, event.schema, body, (**event).clone())
    }
}

/// Which of the processes an owner of a lease is.
fn replica(owner: &str) -> &str {
    owner.split_once('.').map_or(owner, |(replica, _)| replica)
}

impl Store for Watched {
    fn begin(&self, contexts: &[&'static str]) -> Found<Vec<Turn>> {
        if self.life.is_over() {
            return Err(gone());
        }
        if self.store.is_shared() && self.world.away.load(Ordering::Relaxed) {
            return Err(StoreError::Away(reason("nobody answers")));
        }
        self.store.begin(contexts)
    }

    fn leave(&self) {
        self.store.leave();
    }

    fn commit(&self, batch: &Batch) -> Found<()> {
        let (world, life) = (&self.world, &self.life);
        life.moves(world);
        let strikes = |point| world.faults.strike(point);
        let lease = self.takes_lease(batch);
        if (lease && life.ends(world, "crash while a lease is taken"))
            || life.ends(world, "crash before a commit")
        {
            return Err(gone());
        }
        if world.full.load(Ordering::Relaxed) || strikes("a commit finds no room") {
            return Err(StoreError::Full(reason("no room")));
        }
        if strikes("a commit is not made, for no reason known") {
            return Err(StoreError::Broken(reason("no reason known")));
        }
        if strikes("a commit is not made, and the connection lost") {
            return Err(StoreError::Unknown(reason("the connection is lost")));
        }
        if strikes("the database panics before a commit") {
            std::panic::panic_any(crate::PANIC);
        }
        self.written(batch)?;
        if strikes("the database panics after a commit") {
            world.trace(None, "the database panics after a commit".into());
            std::panic::panic_any(crate::PANIC);
        }
        if strikes("a commit is made, and its answer lost") {
            world.trace(None, "a commit is made, and its answer lost".into());
            return Err(StoreError::Broken(reason("no answer")));
        }
        if strikes("a commit is made, and the connection lost") {
            world.trace(None, "a commit is made, and the connection lost".into());
            return Err(StoreError::Unknown(reason("the connection is lost")));
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
        let events = self.read()?.events(context, after, limit)?;
        Ok(events.iter().map(|event| self.as_read(event)).collect())
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
        Store::row(self.read()?, context, view, n)
    }

    fn rows(&self, context: &'static str, view: &'static str, query: &Query) -> Found<Vec<Shown>> {
        Store::rows(self.read()?, context, view, query)
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

    fn shadows(&self) -> Option<&dyn Shadows> {
        Some(self)
    }

    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }
}

fn gone() -> StoreError {
    StoreError::Broken(reason("the process has ended"))
}

fn reason(text: &'static str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::<dyn Error + Send + Sync>::from(text))
}

//! A store that lasts as long as its process.
//!
//! It keeps every promise of the port but durability, so that journeys and
//! simulations run on the same steps as the real thing. A restart of the
//! runtime over the same store is a restart after a crash.

#![warn(missing_docs)]

mod context;
mod rows;
mod shadow;

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Case, Event, Time};
use parking_lot::RwLock;
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Layout, Progress, Query, Shadows,
    Shown, Store, StoreError, Thing, Turn,
};

use context::Kept;

/// A store that lasts as long as its process.
pub struct MemoryStore {
    contexts: RwLock<BTreeMap<&'static str, Kept>>,
    shared: bool,
}

impl MemoryStore {
    /// Empty, with room for the contexts of the layout.
    #[must_use]
    pub fn of(layout: &Layout) -> Arc<Self> {
        Arc::new(Self::with(layout, false))
    }

    /// The same for several runtimes in one thread, as if each were a process of
    /// its own: a turn is over before anybody else can begin one.
    #[must_use]
    pub fn shared(layout: &Layout) -> Arc<Self> {
        Arc::new(Self::with(layout, true))
    }

    fn with(layout: &Layout, shared: bool) -> Self {
        let kept = layout.contexts.iter().map(|context| (context.name, Kept::of(context)));
        Self { contexts: RwLock::new(kept.collect()), shared }
    }

    fn read<T>(&self, context: &str, read: impl FnOnce(&Kept) -> T) -> Result<T, StoreError> {
        self.contexts.read().get(context).map(read).ok_or_else(|| unknown(context))
    }
}

impl Store for MemoryStore {
    fn begin(&self, contexts: &[&'static str]) -> Result<Vec<Turn>, StoreError> {
        if !self.shared {
            return Ok(Vec::new());
        }
        let turn =
            |kept: &Kept| Turn { position: kept.events.len() as u64, revision: kept.revision };
        contexts.iter().map(|context| self.read(context, turn)).collect()
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut contexts = self.contexts.write();
        for changes in &batch.changes {
            let kept = contexts.get(changes.context);
            kept.ok_or_else(|| unknown(changes.context))?.check(changes)?;
        }
        for changes in &batch.changes {
            if let Some(kept) = contexts.get_mut(changes.context) {
                kept.take(changes);
            }
        }
        Ok(())
    }

    fn heads(&self, context: &'static str) -> Result<Heads, StoreError> {
        self.read(context, Kept::heads)
    }

    fn thing(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Option<Thing>, StoreError> {
        self.read(context, |kept| kept.things.get(&(kind, number)).cloned())
    }

    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Result<Option<Thing>, StoreError> {
        self.read(context, |kept| {
            let mut things = kept.things.values().filter(|thing| thing.kind == kind);
            things.find(|thing| thing.name.as_deref() == Some(name)).cloned()
        })
    }

    fn events(
        &self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(context, |kept| kept.after(after).take(limit).cloned().collect())
    }

    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(context, |kept| {
            kept.after(after).filter(|event| event.case == case).take(limit).cloned().collect()
        })
    }

    fn history(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(context, |kept| {
            let own = |event: &&Event| event.of.kind == kind && event.of.number == number;
            kept.after(0).filter(own).cloned().collect()
        })
    }

    fn count_after(
        &self,
        context: &'static str,
        after: u64,
        names: &[&'static str],
    ) -> Result<u64, StoreError> {
        self.read(context, |kept| {
            kept.after(after).filter(|event| names.contains(&event.name)).count() as u64
        })
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        self.read(context, |kept| kept.row(view, number))
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        query: &Query,
    ) -> Result<Vec<Shown>, StoreError> {
        self.read(context, |kept| kept.rows(view, query))
    }

    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Result<u64, StoreError> {
        self.read(context, |kept| kept.passing(view, filters).count() as u64)
    }

    fn answer(&self, context: &'static str, scope: u128) -> Result<Option<Answer>, StoreError> {
        self.read(context, |kept| kept.answers.get(&scope).cloned())
    }

    fn progress(&self, context: &'static str) -> Result<Vec<Progress>, StoreError> {
        self.read(context, |kept| kept.progress.values().cloned().collect())
    }

    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let wanted = |it: &&Delivery| {
            subscription.is_none_or(|name| *it.key.subscription == *name)
                && stage.is_none_or(|name| it.stage.name() == name)
        };
        self.read(context, |kept| {
            kept.deliveries.values().filter(wanted).take(limit).cloned().collect()
        })
    }

    fn delivery(
        &self,
        context: &'static str,
        key: &DeliveryKey,
    ) -> Result<Option<Delivery>, StoreError> {
        self.read(context, |kept| kept.deliveries.get(key).cloned())
    }

    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError> {
        let wanted = |it: &&Act| about.is_none_or(|key| it.found.key == *key);
        self.read(context, |kept| {
            kept.acts.iter().rev().filter(wanted).take(limit).cloned().collect()
        })
    }

    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.read(context, |kept| {
            let own = kept.deliveries.values().filter(|it| *it.key.subscription == *subscription);
            let mut due: Vec<_> =
                own.filter(|it| it.stage.due().is_some_and(|due| due <= until)).cloned().collect();
            due.sort_by_key(|it| (it.stage.due(), it.key.position));
            due.truncate(limit);
            due
        })
    }

    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        self.read(context, |kept| {
            let mut counts = BTreeMap::<_, u64>::new();
            let own =
                |it: &&Delivery| *it.key.subscription == *subscription && it.key.source == source;
            for delivery in kept.deliveries.values().filter(own) {
                *counts.entry(delivery.stage.name()).or_default() += 1;
            }
            counts.into_iter().collect()
        })
    }

    fn shadows(&self) -> Option<&dyn Shadows> {
        Some(self)
    }

    fn is_shared(&self) -> bool {
        self.shared
    }
}

fn unknown(context: &str) -> StoreError {
    let source = format!("it has no room for {context}");
    StoreError::Broken(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(source)))
}

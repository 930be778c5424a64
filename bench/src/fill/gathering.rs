//! A store in front of the real one that gathers many commits into one, so that
//! a long history is written in minutes. What is gathered is not durable yet:
//! whoever fills a database can begin anew.
//!
//! It also counts what it is given: how many rows a piece of work costs.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use kernel::{Case, Event, System, Time};
use parking_lot::Mutex;
use runtime::store::{
    Act, Answer, Batch, Changes, Delivery, DeliveryChange, DeliveryKey, Filter, Heads, Progress,
    Query, Row, Shown, Store, StoreError, Thing,
};
use store_sqlite::SqliteStore;

use super::waiting::Waiting;

/// A store that gathers.
pub struct Gathering {
    inner: Arc<SqliteStore>,
    /// How many events are written at once.
    at_once: usize,
    state: Mutex<State>,
}

/// What was written, in rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// States of aggregates.
    pub states: u64,
    /// Rows of views.
    pub rows: u64,
    /// Answers under keys.
    pub answers: u64,
    /// Positions of subscriptions.
    pub progress: u64,
    /// Deliveries that took a path of their own.
    pub deliveries: u64,
    /// Commits.
    pub commits: u64,
}

#[derive(Default)]
struct State {
    pending: BTreeMap<&'static str, Pending>,
    waiting: Waiting,
    counts: Counts,
    /// How many events there are, by name.
    tallies: BTreeMap<&'static str, u64>,
    /// The last position of an event, by name.
    last: BTreeMap<&'static str, u64>,
    progress: BTreeMap<(Arc<str>, &'static str), u64>,
}

/// What is gathered of one context.
#[derive(Default)]
struct Pending {
    events: Vec<Event>,
    /// Where the events of one aggregate are among them.
    places: HashMap<(&'static str, u64), Vec<usize>>,
    tallies: BTreeMap<&'static str, u64>,
    things: BTreeMap<(&'static str, u64), Thing>,
    names: HashMap<(&'static str, Arc<str>), u64>,
    rows: BTreeMap<(&'static str, u64), Row>,
    answers: Vec<Answer>,
    progress: BTreeMap<(Arc<str>, &'static str), Progress>,
    deliveries: Vec<DeliveryChange>,
    acts: Vec<Act>,
}

impl Gathering {
    /// In front of this store of a business.
    pub fn before(
        inner: Arc<SqliteStore>,
        system: &System,
        at_once: usize,
    ) -> Result<Self, StoreError> {
        let mut state = State::default();
        for context in &system.contexts {
            state.tallies.extend(inner.heads(context.name)?.tallies);
            for delivery in inner.deliveries(context.name, None, None, usize::MAX)? {
                state.waiting.note(context.name, &DeliveryChange::Put(delivery));
            }
        }
        Ok(Self { inner, at_once, state: Mutex::new(state) })
    }

    /// What was written so far.
    pub fn counts(&self) -> Counts {
        self.state.lock().counts
    }

    /// How many events of this name there are.
    pub fn tally(&self, event: &str) -> u64 {
        self.state.lock().tallies.get(event).copied().unwrap_or(0)
    }

    /// Whether everything that has happened since the start was delivered.
    pub fn is_settled(&self, system: &System) -> bool {
        let state = self.state.lock();
        system.contexts.iter().flat_map(kernel::Context::subscriptions).all(|it| {
            let name: Arc<str> = it.name().into();
            it.events().iter().all(|event| {
                let Some(last) = state.last.get(event.name) else { return true };
                let Some(source) = system.decider(event.name) else { return true };
                let seen = state.progress.get(&(Arc::clone(&name), source.name));
                seen.is_some_and(|seen| seen >= last)
            })
        })
    }

    /// Writes what is gathered.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.write(&mut self.state.lock())
    }

    fn write(&self, state: &mut State) -> Result<(), StoreError> {
        let pending = std::mem::take(&mut state.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let changes = pending.into_iter().map(|(context, it)| it.changes(context));
        self.inner.commit(&Batch { changes: changes.collect() })
    }

    /// Reads behind what is gathered.
    fn behind<T>(
        &self,
        read: impl FnOnce(&SqliteStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.flush()?;
        read(&self.inner)
    }
}

impl State {
    fn take_in(&mut self, batch: &Batch) {
        self.counts.commits += 1;
        for changes in &batch.changes {
            self.counts.add(changes);
            for event in &changes.events {
                self.last.insert(event.name, event.position);
            }
            self.tallies.extend(changes.tallies.iter().copied());
            for progress in &changes.progress {
                let key = (Arc::clone(&progress.subscription), progress.source);
                self.progress.insert(key, progress.position);
            }
            for change in &changes.deliveries {
                self.waiting.note(changes.context, change);
            }
            self.pending.entry(changes.context).or_default().take_in(changes);
        }
    }

    fn events(&self) -> usize {
        self.pending.values().map(|it| it.events.len()).sum()
    }
}

impl Counts {
    /// What has come since.
    pub fn since(self, before: Self) -> Self {
        Self {
            events: self.events - before.events,
            states: self.states - before.states,
            rows: self.rows - before.rows,
            answers: self.answers - before.answers,
            progress: self.progress - before.progress,
            deliveries: self.deliveries - before.deliveries,
            commits: self.commits - before.commits,
        }
    }

    fn add(&mut self, changes: &Changes) {
        self.events += changes.events.len() as u64;
        self.states += changes.things.len() as u64;
        self.rows += changes.rows.len() as u64;
        self.answers += changes.answers.len() as u64;
        self.progress += changes.progress.len() as u64;
        self.deliveries += changes.deliveries.len() as u64;
    }
}

impl Pending {
    fn take_in(&mut self, changes: &Changes) {
        for event in &changes.events {
            let places = self.places.entry((event.of.kind, event.of.number)).or_default();
            places.push(self.events.len());
            self.events.push(event.clone());
        }
        self.tallies.extend(changes.tallies.iter().copied());
        for thing in &changes.things {
            if let Some(name) = &thing.name {
                self.names.insert((thing.kind, Arc::clone(name)), thing.number);
            }
            self.things.insert((thing.kind, thing.number), thing.clone());
        }
        for row in &changes.rows {
            self.rows.insert((row.view, row.number), row.clone());
        }
        self.answers.extend(changes.answers.iter().cloned());
        for progress in &changes.progress {
            let key = (Arc::clone(&progress.subscription), progress.source);
            let before = self.progress.get(&key).map_or(progress.before, |it| it.before);
            self.progress.insert(key, Progress { before, ..progress.clone() });
        }
        self.deliveries.extend(changes.deliveries.iter().cloned());
        self.acts.extend(changes.acts.iter().cloned());
    }

    fn changes(self, context: &'static str) -> Changes {
        Changes {
            context,
            events: self.events,
            tallies: self.tallies.into_iter().collect(),
            things: self.things.into_values().collect(),
            rows: self.rows.into_values().collect(),
            answers: self.answers,
            progress: self.progress.into_values().collect(),
            deliveries: self.deliveries,
            acts: self.acts,
        }
    }
}

impl Store for Gathering {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.take_in(batch);
        if state.events() >= self.at_once { self.write(&mut state) } else { Ok(()) }
    }

    fn heads(&self, context: &'static str) -> Result<Heads, StoreError> {
        self.behind(|store| store.heads(context))
    }

    fn thing(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Option<Thing>, StoreError> {
        let found = self
            .state
            .lock()
            .pending
            .get(context)
            .and_then(|pending| pending.things.get(&(kind, number)).cloned());
        found.map_or_else(|| self.inner.thing(context, kind, number), |it| Ok(Some(it)))
    }

    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Result<Option<Thing>, StoreError> {
        let found = self.state.lock().pending.get(context).and_then(|pending| {
            let number = pending.names.get(&(kind, Arc::from(name)))?;
            pending.things.get(&(kind, *number)).cloned()
        });
        found.map_or_else(|| self.inner.thing_named(context, kind, name), |it| Ok(Some(it)))
    }

    fn events(
        &self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.behind(|store| store.events(context, after, limit))
    }

    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.behind(|store| store.events_of_case(context, case, after, limit))
    }

    fn history(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let state = self.state.lock();
        let ours = state.pending.get(context).map_or_else(Vec::new, |pending| {
            let places = pending.places.get(&(kind, number)).into_iter().flatten();
            places.map(|place| pending.events[*place].clone()).collect()
        });
        if ours.first().is_some_and(|first| first.version == 1) {
            return Ok(ours);
        }
        let mut all = self.inner.history(context, kind, number)?;
        all.extend(ours);
        Ok(all)
    }

    fn count_after(
        &self,
        context: &'static str,
        after: u64,
        names: &[&'static str],
    ) -> Result<u64, StoreError> {
        self.behind(|store| store.count_after(context, after, names))
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        let found = self.state.lock().pending.get(context).and_then(|pending| {
            let row = pending.rows.get(&(view, number))?;
            let (version, row) = (row.version, Arc::clone(&row.row));
            Some(Shown { number, version, row, sorted_by: None })
        });
        found.map_or_else(|| self.inner.row(context, view, number), |it| Ok(Some(it)))
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        query: &Query,
    ) -> Result<Vec<Shown>, StoreError> {
        self.behind(|store| store.rows(context, view, query))
    }

    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Result<u64, StoreError> {
        self.behind(|store| store.count_rows(context, view, filters))
    }

    fn answer(&self, context: &'static str, scope: u128) -> Result<Option<Answer>, StoreError> {
        self.behind(|store| store.answer(context, scope))
    }

    fn progress(&self, context: &'static str) -> Result<Vec<Progress>, StoreError> {
        self.behind(|store| store.progress(context))
    }

    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.behind(|store| store.deliveries(context, subscription, stage, limit))
    }

    fn delivery(
        &self,
        context: &'static str,
        key: &DeliveryKey,
    ) -> Result<Option<Delivery>, StoreError> {
        self.behind(|store| store.delivery(context, key))
    }

    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError> {
        self.behind(|store| store.acts(context, about, limit))
    }

    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.state.lock().waiting.due(context, subscription, until, limit))
    }

    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        self.behind(|store| store.count_deliveries(context, subscription, source))
    }

    fn stale_views(&self, context: &'static str) -> Result<Vec<&'static str>, StoreError> {
        self.inner.stale_views(context)
    }

    fn refreshed(&self, context: &'static str, view: &'static str) -> Result<(), StoreError> {
        self.behind(|store| store.refreshed(context, view))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

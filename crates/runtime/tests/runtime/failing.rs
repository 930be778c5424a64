//! A store whose commits can be made to fail, and so can some of its reads.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use kernel::{Case, Event, Time};
use parking_lot::Mutex;
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Progress, Query, Row, Shadows, Shown,
    Store, StoreError, Thing,
};

/// A store whose commits can be made to fail, and so can its histories.
pub struct Failing {
    store: Arc<dyn Store>,
    /// How many changes of shadows there will still be, before the process is as good as dead.
    shadows_left: AtomicUsize,
    failure: Mutex<Option<StoreError>>,
    reading: Mutex<Option<StoreError>>,
}

type Found<T> = Result<T, StoreError>;

impl Failing {
    pub fn over(store: Arc<dyn Store>) -> Self {
        let (failure, reading) = (Mutex::new(None), Mutex::new(None));
        Self { store, shadows_left: AtomicUsize::new(usize::MAX), failure, reading }
    }

    /// So many changes of shadows are made, and then none any more.
    pub fn end_after(self, changes: usize) -> Self {
        self.shadows_left.store(changes, Ordering::Relaxed);
        self
    }

    /// Whether no more changes of shadows are made.
    pub fn is_dead(&self) -> bool {
        self.shadows_left.load(Ordering::Relaxed) == 0
    }

    fn shadows_while_alive(&self) -> Found<&dyn Shadows> {
        let one_less = |left: usize| left.checked_sub(1);
        let (set, get) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.shadows_left.fetch_update(set, get, one_less).is_err() {
            return Err(StoreError::Broken(Arc::from(Box::<dyn Error + Send + Sync>::from(
                "over",
            ))));
        }
        Ok(self.store.shadows().expect("it has shadows"))
    }

    pub fn fail(&self, failure: Option<StoreError>) {
        *self.failure.lock() = failure;
    }

    pub fn fail_histories(&self, failure: Option<StoreError>) {
        *self.reading.lock() = failure;
    }
}

impl Store for Failing {
    fn commit(&self, batch: &Batch) -> Found<()> {
        match self.failure.lock().clone() {
            Some(failure) => Err(failure),
            None => self.store.commit(batch),
        }
    }

    fn heads(&self, context: &'static str) -> Found<Heads> {
        self.store.heads(context)
    }

    fn thing(&self, context: &'static str, kind: &'static str, n: u64) -> Found<Option<Thing>> {
        self.store.thing(context, kind, n)
    }

    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Found<Option<Thing>> {
        self.store.thing_named(context, kind, name)
    }

    fn events(&self, context: &'static str, after: u64, limit: usize) -> Found<Vec<Event>> {
        self.store.events(context, after, limit)
    }

    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Found<Vec<Event>> {
        self.store.events_of_case(context, case, after, limit)
    }

    fn history(&self, context: &'static str, kind: &'static str, n: u64) -> Found<Vec<Event>> {
        match self.reading.lock().clone() {
            Some(failure) => Err(failure),
            None => self.store.history(context, kind, n),
        }
    }

    fn count_after(&self, context: &'static str, after: u64, names: &[&'static str]) -> Found<u64> {
        self.store.count_after(context, after, names)
    }

    fn row(&self, context: &'static str, view: &'static str, n: u64) -> Found<Option<Shown>> {
        self.store.row(context, view, n)
    }

    fn rows(&self, context: &'static str, view: &'static str, query: &Query) -> Found<Vec<Shown>> {
        self.store.rows(context, view, query)
    }

    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Found<u64> {
        self.store.count_rows(context, view, filters)
    }

    fn answer(&self, context: &'static str, scope: u128) -> Found<Option<Answer>> {
        self.store.answer(context, scope)
    }

    fn progress(&self, context: &'static str) -> Found<Vec<Progress>> {
        self.store.progress(context)
    }

    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Found<Vec<Delivery>> {
        self.store.deliveries(context, subscription, stage, limit)
    }

    fn delivery(&self, context: &'static str, key: &DeliveryKey) -> Found<Option<Delivery>> {
        self.store.delivery(context, key)
    }

    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Found<Vec<Act>> {
        self.store.acts(context, about, limit)
    }

    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Found<Vec<Delivery>> {
        self.store.due(context, subscription, until, limit)
    }

    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Found<Vec<(&'static str, u64)>> {
        self.store.count_deliveries(context, subscription, source)
    }

    fn shadows(&self) -> Option<&dyn Shadows> {
        self.store.shadows().map(|_| self as _)
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl Shadows for Failing {
    fn make(&self, context: &'static str, view: &'static str) -> Found<()> {
        self.shadows_while_alive()?.make(context, view)
    }

    fn write(&self, context: &'static str, rows: &[Row]) -> Found<()> {
        self.shadows_while_alive()?.write(context, rows)
    }

    fn row(&self, context: &'static str, view: &'static str, n: u64) -> Found<Option<Shown>> {
        self.store.shadows().expect("it has shadows").row(context, view, n)
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        after: u64,
        limit: usize,
    ) -> Found<Vec<Shown>> {
        self.store.shadows().expect("it has shadows").rows(context, view, after, limit)
    }

    fn switch(&self, context: &'static str, view: &'static str, mark: &Progress) -> Found<()> {
        self.shadows_while_alive()?.switch(context, view, mark)
    }

    fn remove(&self, context: &'static str, view: &'static str) -> Found<bool> {
        self.shadows_while_alive()?.remove(context, view)
    }
}

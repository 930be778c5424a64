//! A store whose commits can be made to fail.

use std::sync::Arc;

use kernel::{Case, Event, Time};
use parking_lot::Mutex;
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Progress, Query, Shown, Store,
    StoreError, Thing,
};
use store_memory::MemoryStore;

/// A store whose commits can be made to fail.
pub struct Failing {
    store: Arc<MemoryStore>,
    failure: Mutex<Option<StoreError>>,
}

type Found<T> = Result<T, StoreError>;

impl Failing {
    pub fn over(store: Arc<MemoryStore>) -> Self {
        Self { store, failure: Mutex::new(None) }
    }

    pub fn fail(&self, failure: Option<StoreError>) {
        *self.failure.lock() = failure;
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
        self.store.history(context, kind, n)
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

    fn is_shared(&self) -> bool {
        false
    }
}

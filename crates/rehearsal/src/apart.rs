//! The same business with a process for each context, so to speak: each has a
//! runtime and a store of its own, and knows the others only by what the ports
//! between processes let through.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use kernel::{Case, Event, System};
use parking_lot::Mutex;
use runtime::{
    Entry, Failure, Runtime, Told,
    ports::{Asked, Count, Elsewhere, Errand, Neighbours, Pending},
    store::Layout,
};
use serde_json::Value;
use store_memory::MemoryStore;
use tokio::time::{sleep, timeout};

use crate::{Part, Provider, Rehearsal};

/// How long somebody waits for the next event.
const WAIT: Duration = Duration::from_mins(1);

/// A business in rehearsal, of which every context is a part of its own. It is
/// told and asked as a [`Rehearsal`] is.
pub struct Apart {
    /// Each with the name of its context.
    parts: Vec<(&'static str, Rehearsal)>,
    between: Arc<Between>,
}

/// The way between the parts.
#[derive(Default)]
struct Between(Mutex<BTreeMap<&'static str, Runtime>>);

impl Apart {
    /// Nothing has happened yet.
    ///
    /// # Errors
    ///
    /// When a part cannot start.
    pub fn of(system: fn() -> System, provider: Provider) -> Result<Self, Failure> {
        let (all, between, provider) = (system(), Arc::new(Between::default()), Arc::new(provider));
        let mut parts = Vec::new();
        for context in &all.contexts {
            let store = MemoryStore::of(&Layout::of(&all, &[context.name]));
            let elsewhere = Arc::clone(&between) as Arc<dyn Elsewhere>;
            let part = Part { contexts: vec![context.name], elsewhere, bus: None, store };
            parts.push((context.name, Rehearsal::part_with(system, part, Arc::clone(&provider))?));
        }
        let apart = Self { parts, between };
        apart.meet();
        Ok(apart)
    }

    /// Everybody learns where the others are.
    fn meet(&self) {
        let runtimes = self.parts.iter().map(|(name, part)| (*name, part.runtime().clone()));
        *self.between.0.lock() = runtimes.collect();
    }

    fn part(&self, is_it: impl Fn(&System) -> bool) -> Option<&Rehearsal> {
        self.parts.iter().map(|(_, part)| part).find(|part| is_it(part.runtime().system()))
    }

    /// The runtime below one of them.
    ///
    /// # Panics
    ///
    /// When there is no such context.
    #[must_use]
    pub fn runtime(&self, context: &str) -> &Runtime {
        let part = self.part(|it| it.context(context).is_some());
        part.expect("a context of that name").runtime()
    }

    /// The outside system.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        self.parts[0].1.provider()
    }

    /// As [`Rehearsal::tell`], to whoever takes the command.
    ///
    /// # Errors
    ///
    /// What the command fails with.
    pub async fn tell(
        &self,
        who: &str,
        command: &str,
        of: &str,
        body: Value,
    ) -> Result<Told, Failure> {
        let takes = |it: &System| it.contexts.iter().any(|it| it.rule(command).is_some());
        let unknown = || Failure::Unknown { what: format!("command {command}") };
        self.part(takes).ok_or_else(unknown)?.tell(who, command, of, body).await
    }

    /// As [`Rehearsal::done`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn done(
        &self,
        who: &str,
        command: &str,
        of: &str,
        body: Value,
    ) -> Result<u64, String> {
        crate::done(self.tell(who, command, of, body).await)
    }

    /// One row of a view.
    ///
    /// # Panics
    ///
    /// When there is no such view, or it cannot be read.
    #[must_use]
    pub fn row(&self, view: &str, number: u64) -> Option<Value> {
        let shows = |it: &System| it.contexts.iter().any(|it| it.shown(view).is_some());
        self.part(shows).expect("a view of that name").row(view, number)
    }

    /// What has happened in one context, in order.
    ///
    /// # Panics
    ///
    /// When its journal cannot be read.
    #[must_use]
    pub fn events(&self, context: &str) -> Vec<Event> {
        let part = self.part(|it| it.context(context).is_some());
        part.expect("a context of that name").events(context)
    }

    /// The names of [`Apart::events`].
    ///
    /// # Panics
    ///
    /// As there.
    #[must_use]
    pub fn history(&self, context: &str) -> Vec<&'static str> {
        self.events(context).iter().map(|event| event.name).collect()
    }

    /// Makes a context or an outside system feel so, as everybody sees it.
    ///
    /// # Panics
    ///
    /// When there is no such mood, or nobody of that name.
    pub fn lab(&self, name: &str, mood: &str) {
        self.parts.iter().for_each(|(_, part)| part.lab(name, mood));
    }

    /// Waits until nothing has happened anywhere for two seconds.
    pub async fn quiet(&self) {
        let heads = || {
            let heads = self
                .parts
                .iter()
                .map(|(name, part)| part.runtime().tail(name).map_or(0, |tail| tail.head()));
            heads.sum::<u64>()
        };
        let mut before = u64::MAX;
        while before != heads() {
            before = heads();
            sleep(Duration::from_secs(2)).await;
        }
    }

    /// The ledger of all parts.
    ///
    /// # Panics
    ///
    /// When it cannot be read, or does not add up.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        self.parts.iter().flat_map(|(_, part)| part.ledger()).collect()
    }

    /// Rebuilds every aggregate from its history, and compares.
    ///
    /// # Panics
    ///
    /// As [`Rehearsal::every_state_is_its_history`].
    pub fn every_state_is_its_history(&self) {
        self.parts.iter().for_each(|(_, part)| part.every_state_is_its_history());
    }

    /// Every process ends, so to speak, and starts again, one after the other.
    ///
    /// # Errors
    ///
    /// When one cannot start again.
    pub async fn restart(&mut self) -> Result<(), Failure> {
        for index in 0..self.parts.len() {
            let (name, part) = &mut self.parts[index];
            self.between.0.lock().remove(name);
            part.restart().await?;
            self.meet();
        }
        Ok(())
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // The runtimes hold the way between them, and it holds them.
        self.between.0.lock().clear();
    }
}

impl Between {
    /// Whoever serves a context, if nobody has cut it off.
    async fn to(&self, context: &str) -> Result<Runtime, Failure> {
        let gone = || Failure::unavailable(context, "it is being started");
        let runtime = self.0.lock().get(context).cloned().ok_or_else(gone)?;
        runtime.pass(context).await?;
        Ok(runtime)
    }
}

impl Neighbours for Between {
    fn ask<'a>(
        &'a self,
        asked: &'a Asked,
        errand: &'a Errand,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move {
            let Asked { context, question, of, body } = asked;
            let runtime = self.to(context).await?;
            runtime.answer(context, question, of.clone(), body.clone(), errand).await
        })
    }
}

impl Elsewhere for Between {
    fn events<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move { self.to(context).await?.events(context, None, after, limit) })
    }

    fn follow<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move {
            let mut heads = self.to(context).await?.tail(context)?.heads();
            // That nothing came is an answer too.
            drop(timeout(WAIT, heads.wait_for(|head| *head > after)).await);
            self.events(context, after, limit).await
        })
    }

    fn events_of_case<'a>(
        &'a self,
        context: &'static str,
        case: Case,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move { self.to(context).await?.events(context, Some(case), 0, usize::MAX) })
    }

    fn count<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        names: &'a [&'static str],
    ) -> Pending<'a, Result<Count, Failure>> {
        Box::pin(async move {
            let gone = || Failure::unavailable(context, "it is being started");
            // Operators are told how much there is also of who feels down.
            let runtime = self.0.lock().get(context).cloned().ok_or_else(gone)?;
            // All of it is in memory: it never waits.
            runtime.count(context, after, names).now_or_never().ok_or_else(gone)?
        })
    }
}

//! A whole business in one thread on virtual time, told and asked by names and
//! JSON only, as its people see it from the outside.

#![warn(missing_docs)]

mod ambient;
mod apart;
mod provider;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use kernel::{Actor, Event, Key, System, Verb};
use runtime::{
    Entry, Failure, Ground, Order, Running, Runtime, Settings, Settlement, Target, Told, Writing,
    lab::Mood,
    ports::{Bus, Elsewhere},
    store::{Layout, Store},
};
use serde_json::Value;
use store_memory::MemoryStore;
use tokio::time::sleep;

pub use ambient::{Seeded, Virtual};
pub use apart::Apart;
pub use provider::{Done, Provider};

/// A business in rehearsal. Make it within a tokio runtime whose time is paused.
pub struct Rehearsal {
    running: Option<Running>,
    system: fn() -> System,
    store: Arc<dyn Store>,
    provider: Arc<Provider>,
    clock: Arc<Virtual>,
    seed: u64,
    /// The contexts in it; and whoever has the others.
    contexts: Vec<&'static str>,
    elsewhere: Option<Arc<dyn Elsewhere>>,
    bus: Option<Arc<dyn Bus>>,
}

/// What a part of a business stands on.
pub struct Part {
    /// The contexts in it.
    pub contexts: Vec<&'static str>,
    /// Whoever has the others.
    pub elsewhere: Arc<dyn Elsewhere>,
    /// The bus between them; without one, journals are looked at again and again.
    pub bus: Option<Arc<dyn Bus>>,
    /// Where it is kept.
    pub store: Arc<dyn Store>,
}

impl Rehearsal {
    /// Nothing has happened yet.
    ///
    /// # Errors
    ///
    /// When the business cannot start.
    pub fn of(system: fn() -> System, provider: Provider) -> Result<Self, Failure> {
        let all = system();
        let contexts: Vec<_> = all.contexts.iter().map(|context| context.name).collect();
        let store = MemoryStore::of(&Layout::of(&all, &contexts));
        Self::over(system, store, provider)
    }

    /// Over a store in which something may have happened already.
    ///
    /// # Errors
    ///
    /// When the business cannot start.
    pub fn over(
        system: fn() -> System,
        store: Arc<dyn Store>,
        provider: Provider,
    ) -> Result<Self, Failure> {
        let (provider, clock, seed) = (Arc::new(provider), Arc::new(Virtual::new()), 1);
        let contexts = system().contexts.iter().map(|context| context.name).collect();
        let (running, elsewhere, bus) = (None, None, None);
        let mut made =
            Self { running, system, store, provider, clock, seed, contexts, elsewhere, bus };
        made.start()?;
        Ok(made)
    }

    /// A part of a business, whose other parts are in other processes.
    ///
    /// # Errors
    ///
    /// When it cannot start.
    pub fn part(system: fn() -> System, part: Part, provider: Provider) -> Result<Self, Failure> {
        Self::part_with(system, part, Arc::new(provider))
    }

    fn part_with(
        system: fn() -> System,
        part: Part,
        provider: Arc<Provider>,
    ) -> Result<Self, Failure> {
        let Part { contexts, elsewhere, bus, store } = part;
        let mut made = Self {
            running: None,
            system,
            store,
            provider,
            clock: Arc::new(Virtual::new()),
            seed: 1,
            contexts,
            elsewhere: Some(elsewhere),
            bus,
        };
        made.start()?;
        Ok(made)
    }

    fn start(&mut self) -> Result<(), Failure> {
        let system = (self.system)();
        let contexts = self.contexts.clone();
        let ground = Ground {
            stores: vec![(Arc::clone(&self.store), contexts)],
            clock: Arc::clone(&self.clock) as _,
            chance: Arc::new(Seeded::new(self.seed)),
            outside: vec![Arc::clone(&self.provider) as _],
            settings: Settings::default(),
            writing: Writing::AsTasks,
            owner: format!("rehearsal {}", self.seed).into(),
            elsewhere: self.elsewhere.clone(),
            bus: self.bus.clone(),
        };
        self.running = Some(Runtime::start(system, ground)?);
        Ok(())
    }

    /// Another process on the same store, with the same clock and the same world
    /// outside. The store must be one that is shared.
    ///
    /// # Errors
    ///
    /// When the business cannot start.
    pub fn beside(&self) -> Result<Self, Failure> {
        let (store, provider, clock) = (&self.store, &self.provider, &self.clock);
        let mut made = Self {
            running: None,
            system: self.system,
            store: Arc::clone(store),
            provider: Arc::clone(provider),
            clock: Arc::clone(clock),
            seed: self.seed + 1_000_000,
            contexts: self.contexts.clone(),
            elsewhere: self.elsewhere.clone(),
            bus: self.bus.clone(),
        };
        made.start()?;
        Ok(made)
    }

    /// As if the process ended here: nobody finishes what they have in hand.
    pub async fn kill(mut self) {
        if let Some(running) = self.running.take() {
            running.kill().await;
        }
    }

    /// Lets everybody finish what they have in hand, and ends.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Ends the process, so to speak, and starts it again over the same store.
    ///
    /// # Errors
    ///
    /// When the business cannot start again.
    pub async fn restart(&mut self) -> Result<(), Failure> {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.seed += 1;
        self.start()
    }

    /// The same, without letting anybody finish: as if the power had failed.
    ///
    /// # Errors
    ///
    /// As [`Rehearsal::restart`].
    pub async fn fall_and_rise(&mut self) -> Result<(), Failure> {
        if let Some(running) = self.running.take() {
            running.kill().await;
        }
        self.seed += 1;
        self.start()
    }

    /// The runtime below.
    ///
    /// # Panics
    ///
    /// Never: it runs except within [`Rehearsal::restart`].
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.running.as_ref().expect("it runs").runtime
    }

    /// Business time.
    #[must_use]
    pub fn clock(&self) -> &Virtual {
        &self.clock
    }

    /// The outside system.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// A person wants something. `of` is a number, a name, or nothing for a new one.
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
        let runtime = self.runtime().clone();
        let system = runtime.system();
        let found = system.contexts.iter().find_map(|it| it.rule(command).map(|r| (it, r.1)));
        let unknown = || Failure::Unknown { what: format!("command {command}") };
        let (context, rule) = found.ok_or_else(unknown)?;
        let unreadable = |error| Failure::fault(format!("{command}: {error}"));
        let command = rule.read(body.to_string().as_bytes()).map_err(unreadable)?;
        let to = match (&rule.verb, of.parse()) {
            (Some(Verb::PostTo(which)), _) => which(&command).map(Target::ThisOrNew),
            (_, Ok(number)) => Some(Target::This(Key::Number(number))),
            (_, Err(_)) => None,
        };
        let order = Order {
            context: context.name,
            name: rule.command.name,
            to: to.unwrap_or(Target::New),
            command,
            by: Actor::new(who, rule.roles.first().map_or("system", |role| role.name)),
            key: None,
            trace: None,
            see_through: Duration::from_secs(2),
        };
        runtime.tell(order).await
    }

    /// As [`Rehearsal::tell`], when all went well in the end.
    ///
    /// # Errors
    ///
    /// What the command fails with, what it was refused with, or that it is pending.
    pub async fn done(
        &self,
        who: &str,
        command: &str,
        of: &str,
        body: Value,
    ) -> Result<u64, String> {
        done(self.tell(who, command, of, body).await)
    }

    /// One row of a view.
    ///
    /// # Panics
    ///
    /// When there is no such view, or it cannot be read.
    #[must_use]
    pub fn row(&self, view: &str, number: u64) -> Option<Value> {
        let system = self.runtime().system();
        let found = system.contexts.iter().find_map(|it| it.shown(view).map(|view| (it, view)));
        let (context, view) = found.expect("a view of that name");
        let row = self.runtime().row(context.name, view, number).expect("it can be read");
        row.map(|row| serde_json::from_slice(&row.row).expect("a row is JSON"))
    }

    /// What has happened in one context, in order.
    ///
    /// # Panics
    ///
    /// When its journal cannot be read.
    #[must_use]
    pub fn history(&self, context: &str) -> Vec<&'static str> {
        self.events(context).iter().map(|event| event.name).collect()
    }

    /// The events of one context, in order.
    ///
    /// # Panics
    ///
    /// As [`Rehearsal::history`].
    #[must_use]
    pub fn events(&self, context: &str) -> Vec<Event> {
        let events = self.runtime().events(context, None, 0, usize::MAX);
        events.expect("a journal can be read")
    }

    /// Makes a context or an outside system feel so.
    ///
    /// # Panics
    ///
    /// When there is no such mood, or nobody of that name.
    pub fn lab(&self, name: &str, mood: &str) {
        let mood: Mood = mood.parse().expect("a mood");
        assert!(self.runtime().lab().set(name, mood.clone()), "nobody is called {name}");
        if name == self.provider.called() {
            self.provider.takes_on(&mood);
        }
    }

    /// Waits until nothing has happened for two seconds.
    pub async fn quiet(&self) {
        let heads = || {
            let contexts = self.runtime().system().contexts.iter();
            contexts.map(|it| self.runtime().tail(it.name).map_or(0, |tail| tail.head())).sum()
        };
        let mut before: u64 = u64::MAX;
        while before != heads() {
            before = heads();
            sleep(Duration::from_secs(2)).await;
        }
    }

    /// The ledger.
    ///
    /// # Panics
    ///
    /// When it cannot be read, or does not add up.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        let ledger = self.runtime().ledger().now_or_never();
        let ledger = ledger.expect("every journal is here").expect("it can be read");
        for entry in &ledger {
            assert!(entry.adds_up(), "{entry:?}");
        }
        ledger
    }

    /// Rebuilds every aggregate from its history, and compares.
    ///
    /// # Panics
    ///
    /// When a state is not its history, or a version is missing or comes twice.
    pub fn every_state_is_its_history(&self) {
        for context in &self.runtime().system().contexts {
            let events = self.runtime().events(context.name, None, 0, usize::MAX);
            let events = events.expect("a journal can be read");
            let things: BTreeSet<_> = events.iter().map(|it| (it.of.kind, it.of.number)).collect();
            for (kind, number) in things {
                let guarded = context.guarded(kind).expect("somebody guards it");
                let thing = self.store.thing(context.name, kind, number).expect("it can be read");
                let thing = thing.expect("what has happened has left a state");
                let history = self.store.history(context.name, kind, number);
                let mut state = guarded.fresh();
                for (version, event) in (1..).zip(history.expect("it can be read")) {
                    assert_eq!(event.version, version, "{kind} {number}");
                    guarded.apply(&mut state, &event).expect("it can be replayed");
                }
                let rebuilt = guarded.write(&state).expect("it can be written");
                assert_eq!(
                    String::from_utf8_lossy(&rebuilt),
                    String::from_utf8_lossy(&thing.state),
                    "{kind} {number}"
                );
            }
        }
    }
}

/// What was done, if all went well in the end.
fn done(told: Result<Told, Failure>) -> Result<u64, String> {
    let told = told.map_err(|it| it.to_string())?;
    match told.outcome {
        Settlement::Settled => Ok(told.of.number),
        Settlement::Refused(sentence) => Err(sentence.to_string()),
        Settlement::Pending => Err("pending".into()),
    }
}

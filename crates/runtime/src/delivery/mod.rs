//! Deliveries: every event to everyone who asked for it, once in effect.
//!
//! **Invariant:** a subscription's progress and the effects of what it was
//! delivered are one commit, guarded by a lease with a fencing token. A second
//! delivery changes nothing.
//!
//! **Invariant:** the order of a case is kept. What cannot be done holds up its
//! own case in that subscription, and no other.

mod deliver;
mod follow;
mod foresee;
mod gather;
mod hand;
mod held;
mod lease;
mod operate;
mod prepare;
mod reader;
mod remains;

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Actor, Subscription, System};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    Failure, Runtime,
    end::End,
    guarded::guarded_wait,
    store::{Deed, DeliveryKey, Store},
    writer::Announce,
};
pub use foresee::{Given, Would};
pub use operate::Came;
use reader::Reader;
pub use remains::{Remaining, ToDo, Waits};

/// Which subscription, reading whose journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The context that is told.
    pub context: &'static str,
    /// Its subscription, by the name it is stored under.
    pub subscription: Arc<str>,
    /// The context whose journal is read.
    pub source: &'static str,
    /// The events it is told of.
    pub events: Vec<&'static str>,
    which: Which,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Policy(usize),
    Effect(usize),
    View(usize),
    /// Everything, for whoever is elsewhere.
    Bus,
}

/// The subscription of the bus to every journal.
const BUS: &str = "bus";

/// Where an operator writes to a reader.
pub type Mailbox = mpsc::Sender<Letter>;

/// What an operator wants of a reader.
pub struct Letter {
    /// What to do.
    pub deed: Deed,
    /// About which delivery.
    pub key: DeliveryKey,
    /// Who says so.
    pub by: Actor,
    /// Why; may be empty.
    pub why: Arc<str>,
    /// What came of it.
    pub reply: oneshot::Sender<Result<Came, Failure>>,
}

/// The readers of a process before they start.
pub struct Readers(Vec<(Line, Open, mpsc::Receiver<Letter>)>);

struct Open {
    mail: Mailbox,
    seen: watch::Sender<u64>,
}

impl Line {
    /// The delivery of the event at this position.
    pub fn key(&self, position: u64) -> DeliveryKey {
        let subscription = Arc::clone(&self.subscription);
        DeliveryKey { subscription, source: self.source, position }
    }

    /// Whether what waits here waits for its turn, and not for a later day.
    pub fn holds_in_turn(&self, system: &System) -> bool {
        let Which::Policy(index) = self.which else { return true };
        system.context(self.context).is_none_or(|it| it.policies[index].after.is_none())
    }
}

impl Readers {
    /// A reader for every subscription and every journal it reads.
    pub fn of(
        lines: Vec<Line>,
        stores: &BTreeMap<&'static str, Arc<dyn Store>>,
    ) -> Result<Self, Failure> {
        let mut readers = Vec::new();
        for line in lines {
            let Some(store) = stores.get(line.context) else { continue };
            let progress = store.progress(line.context)?;
            let position = progress
                .iter()
                .find(|it| it.subscription == line.subscription && it.source == line.source)
                .map_or(0, |it| it.position);
            let (mail, letters) = mpsc::channel(16);
            let seen = watch::Sender::new(position);
            readers.push((line, Open { mail, seen }, letters));
        }
        Ok(Self(readers))
    }

    /// Where to write to them.
    pub fn mail(&self) -> Vec<(Line, Mailbox)> {
        self.0.iter().map(|(line, open, _)| (line.clone(), open.mail.clone())).collect()
    }

    /// How far each view has seen each journal it shows.
    pub fn seen(&self) -> BTreeMap<(Arc<str>, &'static str), watch::Receiver<u64>> {
        let seen = |(line, open, _): &(Line, Open, _)| {
            ((line.subscription.clone(), line.source), open.seen.subscribe())
        };
        self.0.iter().filter(|(line, ..)| matches!(line.which, Which::View(_))).map(seen).collect()
    }

    /// Starts them.
    pub fn start(self, runtime: &Runtime, stop: &End) -> Vec<JoinHandle<()>> {
        let start = |(line, open, letters): (Line, Open, mpsc::Receiver<Letter>)| {
            let (runtime, stop) = (runtime.clone(), stop.heard());
            let reader = Reader::of(runtime.clone(), line, open.seen);
            tokio::spawn(async move {
                let read = guarded_wait("a reader", reader.read(letters, stop));
                if let Err(failure) = read.await {
                    // Nobody else reads for it: only a restart mends that.
                    tracing::error!(story = failure.story(), "a reader has ended");
                    runtime.bulletin.broke();
                }
            })
        };
        self.0.into_iter().map(start).collect()
    }
}

/// Every subscription of these contexts with every journal it reads.
pub fn lines(system: &System, served: &[&'static str], bus: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for context in system.contexts.iter().filter(|it| served.contains(&it.name)) {
        if bus {
            let events = context.aggregates.iter().flat_map(kernel::Guarded::events);
            let events = events.map(|event| event.name).collect();
            let (context, subscription, which) = (context.name, BUS.into(), Which::Bus);
            lines.push(Line { context, subscription, source: context, events, which });
        }
        for subscription in context.subscriptions() {
            let mut sources: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for event in subscription.events() {
                if let Some(decider) = system.decider(event.name) {
                    sources.entry(decider.name).or_default().push(event.name);
                }
            }
            let which = match subscription {
                Subscription::Policy(it) => place(&context.policies, it).map(Which::Policy),
                Subscription::Effect(it) => place(&context.effects, it).map(Which::Effect),
                Subscription::View(it) => place(&context.views, it).map(Which::View),
            };
            let name: Arc<str> = subscription.name().into();
            for (source, events) in sources {
                let Some(which) = which else { continue };
                let (context, subscription) = (context.name, Arc::clone(&name));
                lines.push(Line { context, subscription, source, events, which });
            }
        }
    }
    lines
}

fn place<T>(all: &[T], one: &T) -> Option<usize> {
    all.iter().position(|it| std::ptr::eq(it, one))
}

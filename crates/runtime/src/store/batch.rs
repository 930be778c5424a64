//! What one commit holds.

use std::sync::Arc;

use kernel::{Actor, Case, Event, Indexed, Sentence, Time};

/// One commit. The contexts are all in the same database.
#[derive(Debug, Default)]
pub struct Batch {
    /// What changes, by context.
    pub changes: Vec<Changes>,
}

/// What changes in one context.
#[derive(Debug)]
pub struct Changes {
    /// The context.
    pub context: &'static str,
    /// Events, with consecutive positions from the head of the journal on.
    pub events: Vec<Event>,
    /// How many events there are afterwards, for every name among `events`.
    pub tallies: Vec<(&'static str, u64)>,
    /// Aggregates in their new state; each at the most once.
    pub things: Vec<Thing>,
    /// Rows of views; each at the most once.
    pub rows: Vec<Row>,
    /// Answers under idempotency keys.
    pub answers: Vec<Answer>,
    /// How far subscriptions are now; each at the most once.
    pub progress: Vec<Progress>,
    /// Deliveries that take a path of their own, in this order.
    pub deliveries: Vec<DeliveryChange>,
    /// What operators did about deliveries, in this order.
    pub acts: Vec<Act>,
}

/// An aggregate in its present state.
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    /// Its kind.
    pub kind: &'static str,
    /// Its number, counted per kind from 1.
    pub number: u64,
    /// Its own name, if it has one.
    pub name: Option<Arc<str>>,
    /// How many events have happened to it. When it is written, the store holds
    /// exactly `version - (events of it in the same batch)`, or it is a conflict.
    pub version: u64,
    /// The position of its last event.
    pub last: u64,
    /// The case its first event belonged to.
    pub case: Case,
    /// Its state, as JSON.
    pub state: Arc<[u8]>,
}

/// A row of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The view.
    pub view: &'static str,
    /// Which row.
    pub number: u64,
    /// How often it has changed.
    pub version: u64,
    /// The row, as a JSON object.
    pub row: Arc<[u8]>,
    /// What stands in the indexed fields, in the order of the layout.
    pub indexed: Vec<Indexed>,
}

/// What was answered under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Fingerprint of who asked, for what, under which key.
    pub scope: u128,
    /// Fingerprint of the command and of what it is about.
    pub body: u128,
    /// When.
    pub at: Time,
    /// What was answered; only the runtime reads it.
    pub said: Arc<[u8]>,
}

/// How far a subscription is in one journal, and who may move it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The subscription, by the name it is stored under.
    pub subscription: Arc<str>,
    /// The context whose journal it reads.
    pub source: &'static str,
    /// Everything up to here is done, or has a delivery of its own.
    pub position: u64,
    /// The position before; the store must hold exactly it, or it is fenced.
    pub before: u64,
    /// How many are done.
    pub done: u64,
    /// How many were refused by the business.
    pub refused: u64,
    /// How many were given up by an operator.
    pub abandoned: u64,
    /// Who holds the lease.
    pub owner: Arc<str>,
    /// Counts the owners: the fencing token. The store must hold this one with
    /// the same owner or, when the lease is taken, one less; otherwise it is fenced.
    pub epoch: u64,
    /// Until when the lease holds.
    pub until: Time,
}

/// Which delivery.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey {
    /// To which subscription.
    pub subscription: Arc<str>,
    /// From whose journal.
    pub source: &'static str,
    /// Of which event.
    pub position: u64,
}

/// A delivery that took a path of its own: it waits, has failed, is parked, or
/// ended otherwise than well. What went well has no row.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Which one.
    pub key: DeliveryKey,
    /// The case it belongs to: later deliveries of it wait behind.
    pub case: Case,
    /// Where it stands.
    pub stage: Stage,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was first put aside.
    pub since: Time,
    /// Why it is where it is; empty when it only waits.
    pub reason: Option<Sentence>,
    /// How often in a row the process ended while it was in hand.
    pub ended: u32,
}

/// What an operator did about a delivery. What came of it is how the next act
/// found it, or how it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// When.
    pub at: Time,
    /// Who.
    pub by: Actor,
    /// What.
    pub deed: Deed,
    /// Why; may be empty.
    pub why: Arc<str>,
    /// The delivery as it was found.
    pub found: Delivery,
}

/// What can be done about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Tried again.
    Replay,
    /// Given up.
    Abandon,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits for its time, or behind an earlier one of its case.
    Waiting {
        /// Not before.
        due: Time,
    },
    /// Could not be done, and will be tried again.
    Failed {
        /// Not before.
        due: Time,
    },
    /// Will not be tried again until an operator says so.
    Parked,
    /// The business said no: done, in a way.
    Refused,
    /// Given up by an operator.
    Abandoned,
}

/// A delivery is put aside, moves on, or is settled.
#[derive(Debug, Clone, PartialEq)]
pub enum DeliveryChange {
    /// Put aside, or moved on.
    Put(Delivery),
    /// Done after all: its row goes.
    Done(DeliveryKey),
}

impl Changes {
    /// Nothing yet.
    #[must_use]
    pub fn of(context: &'static str) -> Self {
        Self {
            context,
            events: Vec::new(),
            tallies: Vec::new(),
            things: Vec::new(),
            rows: Vec::new(),
            answers: Vec::new(),
            progress: Vec::new(),
            deliveries: Vec::new(),
            acts: Vec::new(),
        }
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.rows.is_empty()
            && self.answers.is_empty()
            && self.progress.is_empty()
            && self.deliveries.is_empty()
            && self.acts.is_empty()
    }
}

impl Deed {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Abandon => "abandon",
        }
    }
}

impl Stage {
    /// The word for it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Failed { .. } => "failed",
            Self::Parked => "parked",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
        }
    }

    /// Not before this moment; nothing when it will not be tried by itself.
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        match self {
            Self::Waiting { due } | Self::Failed { due } => Some(*due),
            Self::Parked | Self::Refused | Self::Abandoned => None,
        }
    }

    /// Whether later deliveries of the same case wait behind it.
    #[must_use]
    pub fn holds_up(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Failed { .. } | Self::Parked)
    }
}

//! Where time, chance and other systems come in. Nothing else in the platform
//! may reach for them, so that all of it can run on virtual time from a seed.

use std::{future::Future, pin::Pin, sync::Arc};

use kernel::{Case, Event, Key, Time};
use tokio::{sync::mpsc, time::Instant};

use crate::{Failure, lab::Mood};

/// A future that a port gives back.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Business time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Time;
}

/// Chance.
pub trait Chance: Send + Sync + 'static {
    /// Fresh bits that nobody can guess.
    fn bits(&self) -> u128;

    /// What happens at a fault point, this time; in one thread, others only go
    /// on meanwhile where it can wait.
    #[cfg(feature = "fault-points")]
    fn strikes(&self, point: &'static str, _can_wait: bool) -> crate::fault::Strike {
        crate::fault::of_this_process(point)
    }
}

/// The other contexts, wherever they run.
pub trait Neighbours: Send + Sync + 'static {
    /// Puts a question to a context.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] when there is no answer in time.
    fn ask<'a>(
        &'a self,
        asked: &'a Asked,
        errand: &'a Errand,
    ) -> Pending<'a, Result<Vec<u8>, Failure>>;
}

/// What goes along with a question, however far it has to go.
#[derive(Debug, Clone)]
pub struct Errand {
    /// An answer after this is none.
    pub deadline: Instant,
    /// The W3C trace context of whoever it is put for.
    pub trace: Option<Arc<str>>,
}

/// The contexts that other processes serve: what may be asked of them, and what
/// their journals say.
pub trait Elsewhere: Neighbours {
    /// The events of a journal after a position, in order, at the most `limit`
    /// of them.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] when there is no answer in time.
    fn events<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>>;

    /// As [`Elsewhere::events`]; where there are none yet, waits a while for the next.
    ///
    /// # Errors
    ///
    /// As [`Elsewhere::events`].
    fn follow<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>>;

    /// All events of one case in a journal, in order.
    ///
    /// # Errors
    ///
    /// As [`Elsewhere::events`].
    fn events_of_case<'a>(
        &'a self,
        context: &'static str,
        case: Case,
    ) -> Pending<'a, Result<Vec<Event>, Failure>>;

    /// How long a journal is, and how many of its events have one of these names.
    ///
    /// # Errors
    ///
    /// As [`Elsewhere::events`].
    fn count<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        names: &'a [&'static str],
    ) -> Pending<'a, Result<Count, Failure>>;
}

/// What is counted in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Its last position.
    pub head: u64,
    /// How many events of these names there are.
    pub all: u64,
    /// How many of them are after the position.
    pub after: u64,
}

/// Brings what happens in one process to all others that want to hear of it.
///
/// What is heard may be heard twice, or late, or not at all: whoever hears it
/// looks into the journal for what is missing.
pub trait Bus: Send + Sync + 'static {
    /// Publishes events of one journal, in order. It is over when nothing is on
    /// its way any more, and says how many of the first are safe on the bus: at
    /// least one, where there are any. Of the others nothing is known, and they
    /// are to be published again.
    ///
    /// # Errors
    ///
    /// When the first is not safe: [`Failure::Unavailable`] while the bus is away;
    /// any other when it will never be taken as it is.
    fn publish<'a>(&'a self, events: &'a [Event]) -> Pending<'a, Result<usize, Failure>>;

    /// Whatever is published of a journal from now on.
    ///
    /// # Errors
    ///
    /// When it can never be heard: what is set up is wrong.
    fn follow(&self, context: &'static str) -> Result<mpsc::Receiver<Heard>, Failure>;
}

/// What is heard on a bus.
#[derive(Debug)]
pub enum Heard {
    /// An event.
    Event(Box<Event>),
    /// The way was broken, or is new: something may have been missed.
    Gap,
}

/// A question on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The context that is asked.
    pub context: &'static str,
    /// The question, by name.
    pub question: &'static str,
    /// What it is about.
    pub of: Key,
    /// The question, as JSON.
    pub body: Vec<u8>,
}

/// A system of the world outside.
pub trait Outside: Send + Sync + 'static {
    /// Its name in the declaration: `payment-provider`.
    fn name(&self) -> &'static str;

    /// Does what is wished, once for every key however often it is called, and
    /// says what came of it.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] when it is not known what came of it.
    fn fulfil<'a>(
        &'a self,
        wish: &'a str,
        body: &'a [u8],
        key: &'a str,
    ) -> Pending<'a, Result<Vec<u8>, Failure>>;

    /// Moods it has beyond those of everyone, for the lab: `decline`.
    fn moods(&self) -> &'static [&'static str] {
        &[]
    }

    /// Takes on a mood; it hears of every change.
    fn feel(&self, _mood: &Mood) {}
}

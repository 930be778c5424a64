//! Where time, chance and other systems come in. Nothing else in the platform
//! may reach for them, so that all of it can run on virtual time from a seed.

use std::{future::Future, pin::Pin};

use kernel::{Key, Time};
use tokio::time::Instant;

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
        deadline: Instant,
    ) -> Pending<'a, Result<Vec<u8>, Failure>>;
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

//! Given, when, then: how a rule of the domain is written down as an example.

#![expect(
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    reason = "an example fails by panicking, and reads better without ampersands"
)]

use std::fmt::Debug;

use crate::{Evolve, Message, Recorded};

/// What has happened so far.
#[derive(Debug)]
#[must_use]
pub struct Given<A>(A);

/// What came of it.
#[derive(Debug)]
#[must_use]
pub struct When<O>(O);

/// Nothing has happened yet.
pub fn given<A: Default>() -> Given<A> {
    Given(A::default())
}

impl<A> Given<A> {
    /// This happened.
    pub fn event<E: Message>(mut self, event: E) -> Self
    where
        A: Evolve<E>,
    {
        self.0.evolve(&Recorded::example(event));
        self
    }

    /// This is decided now.
    pub fn when<O>(self, decide: impl FnOnce(&A) -> O) -> When<O> {
        When(decide(&self.0))
    }
}

impl<O: Debug + PartialEq> When<O> {
    /// It comes to this.
    #[track_caller]
    pub fn then(self, outcome: O) {
        assert_eq!(self.0, outcome);
    }
}

//! What a decision can come to.

use std::{any::Any, sync::Arc};

use thiserror::Error;

use crate::{Event, Evolve, Message, Note, Refuse, Sentence, Unreadable, event::Record};

/// What a decision can come to: an event, perhaps an event, several, one or the
/// other, or a refusal.
///
/// Because the type says which, the board knows every event a command can
/// lead to, and the compiler knows that the aggregate can replay it.
#[diagnostic::on_unimplemented(
    message = "`{A}` cannot decide `{Self}`",
    label = "this is not something `{A}` can replay",
    note = "an event needs `#[derive(Message)]` and an `impl Evolve<_> for {A}`"
)]
pub trait Outcome<A> {
    #[doc(hidden)]
    fn replays() -> Vec<Replay<A>>;

    #[doc(hidden)]
    fn record(self, into: &mut Vec<Decided>) -> Result<(), Undecided>;
}

/// One or the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Either<X, Y> {
    /// The first.
    This(X),
    /// The second.
    That(Y),
}

/// An event that was decided and is not yet recorded.
pub struct Decided {
    /// Its note.
    pub note: &'static Note,
    body: Arc<[u8]>,
    event: Arc<dyn Any + Send + Sync>,
}

/// Why nothing was decided.
#[derive(Debug, Error)]
pub enum Undecided {
    /// The business says no.
    #[error("{0}")]
    Refused(Sentence),
    /// Something does not have the shape its name promises.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl Decided {
    fn of<E: Message>(event: E) -> Result<Self, Undecided> {
        let body = serde_json::to_vec(&event).map_err(|it| Unreadable::new(E::NOTE.name, it))?;
        Ok(Self { note: &E::NOTE, body: body.into(), event: Arc::new(event) })
    }

    /// Recorded: it happened to that one, then, because of that.
    #[must_use]
    pub fn recorded(self, record: Record) -> Event {
        Event::decided((self.note.name, self.note.version), self.body, self.event, record)
    }
}

/// How one event changes one kind of state.
#[doc(hidden)]
pub struct Replay<S> {
    pub(crate) event: &'static Note,
    pub(crate) apply: fn(&mut S, &Event) -> Result<(), Unreadable>,
    pub(crate) check: fn(&Event) -> Result<(), Unreadable>,
}

impl<S> Replay<S> {
    pub(crate) fn of<E: Message>() -> Self
    where
        S: Evolve<E>,
    {
        Self {
            event: &E::NOTE,
            apply: |state, event| {
                state.evolve(&event.recorded::<E>()?);
                Ok(())
            },
            check: |event| event.recorded::<E>().map(|_| ()),
        }
    }
}

impl<A: Evolve<E>, E: Message> Outcome<A> for E {
    fn replays() -> Vec<Replay<A>> {
        vec![Replay::of::<E>()]
    }

    fn record(self, into: &mut Vec<Decided>) -> Result<(), Undecided> {
        into.push(Decided::of(self)?);
        Ok(())
    }
}

impl<A: Evolve<E>, E: Message> Outcome<A> for Option<E> {
    fn replays() -> Vec<Replay<A>> {
        <E as Outcome<A>>::replays()
    }

    fn record(self, into: &mut Vec<Decided>) -> Result<(), Undecided> {
        self.map_or(Ok(()), |event| <E as Outcome<A>>::record(event, into))
    }
}

impl<A, X: Outcome<A>, Y: Outcome<A>> Outcome<A> for (X, Y) {
    fn replays() -> Vec<Replay<A>> {
        [X::replays(), Y::replays()].into_iter().flatten().collect()
    }

    fn record(self, into: &mut Vec<Decided>) -> Result<(), Undecided> {
        self.0.record(into)?;
        self.1.record(into)
    }
}

impl<A, X: Outcome<A>, Y: Outcome<A>> Outcome<A> for Either<X, Y> {
    fn replays() -> Vec<Replay<A>> {
        <(X, Y)>::replays()
    }

    fn record(self, into: &mut Vec<Decided>) -> Result<(), Undecided> {
        match self {
            Self::This(outcome) => outcome.record(into),
            Self::That(outcome) => outcome.record(into),
        }
    }
}

impl<A, O: Outcome<A>, R: Refuse> Outcome<A> for Result<O, R> {
    fn replays() -> Vec<Replay<A>> {
        O::replays()
    }

    fn record(self, into: &mut Vec<Decided>) -> Result<(), Undecided> {
        match self {
            Ok(outcome) => outcome.record(into),
            Err(reason) => Err(Undecided::Refused(Sentence::of(&reason))),
        }
    }
}

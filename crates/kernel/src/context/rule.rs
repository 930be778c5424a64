//! From a typed decision to one that the runtime can run.

use std::sync::OnceLock;

use super::{Asking, Command, Rule};
use crate::{
    Envelope, Identity, Message, Note, Question, Refuse, Sentence, Unreadable,
    event::To,
    outcome::{Decided, Outcome, Undecided},
};

/// A rule that needs nothing but history.
pub fn plain<A, C, O>(rule: fn(&A, C) -> O) -> Rule
where
    A: 'static,
    C: Message,
    O: Outcome<A> + 'static,
{
    let mut made = bare::<C>(events::<A, O>());
    made.decide = Box::new(move |state, command, envelope, _| {
        record(rule(state.get(), given::<C>(command, envelope)))
    });
    made
}

/// A rule that must first be told something.
pub fn asking<A, C, Q, R, O>(
    question: fn(&A, &C) -> Result<To<Q>, R>,
    rule: fn(&A, C, Q::Answer) -> O,
) -> Rule
where
    A: 'static,
    C: Message,
    Q: Question,
    R: Refuse + 'static,
    O: Outcome<A> + 'static,
{
    let unreadable = |error| Unreadable::new(Q::NOTE.name, error);
    let mut made = bare::<C>(events::<A, O>());
    made.asks = Some(Asking {
        question: &Q::NOTE,
        of: Q::OF,
        put: Box::new(move |state, command, envelope| {
            let asked = question(state.get(), &given::<C>(command, envelope));
            let To(of, question) =
                asked.map_err(|reason| Undecided::Refused(Sentence::of(&reason)))?;
            Ok((of.key(), serde_json::to_vec(&question).map_err(unreadable)?))
        }),
    });
    made.decide = Box::new(move |state, command, envelope, answer| {
        let answer = answer.ok_or_else(|| Unreadable::new(Q::NOTE.name, "nobody was asked"))?;
        let answer = serde_json::from_slice(answer).map_err(unreadable)?;
        record(rule(state.get(), given::<C>(command, envelope), answer))
    });
    made
}

/// A command as it reaches the decision: with what only the runtime can know.
///
/// # Panics
///
/// When a command is handed to the rule of another: our mistake.
fn given<C: Message>(command: &Command, envelope: &Envelope) -> C {
    let mut command = command.get::<C>().expect("a command goes to its own rule").clone();
    command.give(envelope);
    command
}

fn record<A, O: Outcome<A>>(outcome: O) -> Result<Vec<Decided>, Undecided> {
    let mut events = Vec::with_capacity(1);
    outcome.record(&mut events)?;
    Ok(events)
}

fn events<A, O: Outcome<A>>() -> Vec<&'static Note> {
    let mut events: Vec<&'static Note> = Vec::new();
    for replay in O::replays() {
        if !events.contains(&replay.event) {
            events.push(replay.event);
        }
    }
    events
}

fn bare<C: Message>(events: Vec<&'static Note>) -> Rule {
    Rule {
        command: &C::NOTE,
        asks: None,
        events,
        roles: &[],
        verb: None,
        settles: Vec::new(),
        read: |body| serde_json::from_slice::<C>(body).map(Command::of),
        write: |command| {
            command.get::<C>().and_then(|it| serde_json::to_vec(it).ok()).unwrap_or_default()
        },
        decide: Box::new(|_, _, _, _| Ok(Vec::new())),
        example: OnceLock::new(),
    }
}

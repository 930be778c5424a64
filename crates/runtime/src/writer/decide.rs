//! One command, decided against the present state.

use std::sync::Arc;

use kernel::{Actor, Case, Cause, Command, Envelope, Event, Guarded, Key, Record, Rule, Subject};

use super::{
    room::{Held, Undo},
    stage::Stage,
};
use crate::{Failure, mutant, ports::Asked};

/// Whom a command is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A new one: it gets the next number.
    New,
    /// This one, which must be there.
    This(Key),
    /// This one; if it is not there yet, it begins.
    ThisOrNew(Key),
}

/// A command to be decided.
pub struct Decide<'a> {
    /// The command, by name.
    pub name: &'static str,
    /// For whom.
    pub to: Target,
    /// The command.
    pub command: &'a Command,
    /// Who gives it.
    pub by: Actor,
    /// What was asked before, and what came back.
    pub asked: Option<&'a (Asked, Vec<u8>)>,
    /// The case it belongs to; that of the aggregate, if nothing.
    pub case: Option<Case>,
    /// The event it follows from: context and position.
    pub because: Option<(&'static str, u64)>,
    /// The W3C trace context.
    pub trace: Option<Arc<str>>,
}

/// What a command came to.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whom it was for.
    pub of: Subject,
    /// How many events have happened to that one now.
    pub version: u64,
    /// The last position in the journal that this decision depends on.
    pub position: u64,
    /// What happened.
    pub events: Vec<Event>,
}

impl Stage<'_> {
    /// Decides a command, and stages what comes of it.
    ///
    /// # Errors
    ///
    /// When it is refused, or cannot be decided. `Unavailable` when the state
    /// has changed so that something else must be asked first.
    pub fn decide(&mut self, order: &Decide<'_>) -> Result<Decision, Failure> {
        let system = self.room.system();
        let context = system.context(self.room.name());
        let Some((guarded, rule)) = context.and_then(|it| it.rule(order.name)) else {
            return Err(Failure::fault(format!("nobody decides {}", order.name)));
        };
        let (number, mut held) = self.take(guarded, &order.to)?;
        let envelope = self.envelope(order.by.clone());
        let decided = decide(rule, &held, order, &envelope)?;

        let case = match order.case {
            Some(case) => case,
            None if held.version > 0 => held.case,
            None => Case { kind: guarded.name, number },
        };
        if held.version == 0 {
            held.case = case;
        }
        let of = Subject { kind: guarded.name, number, name: held.name.clone() };
        let mut events = Vec::with_capacity(decided.len());
        for decided in decided {
            let event = decided.recorded(Record {
                context: self.room.name(),
                position: self.room.position + 1,
                of: of.clone(),
                version: held.version + 1,
                at: envelope.at,
                by: envelope.by.clone(),
                case,
                cause: Cause { command: order.name, event: order.because },
                trace: order.trace.clone(),
            });
            Failure::unless_small(&event)?;
            guarded.apply(&mut held.state, &event)?;
            (held.version, held.last) = (event.version, event.position);
            self.append(event.clone());
            events.push(event);
        }
        let (version, position) = (held.version, held.last);
        self.put_back(guarded.name, number, held, !events.is_empty());
        for event in &events {
            self.show_own(event)?;
        }
        Ok(Decision { of, version, position, events })
    }

    /// Takes the one a command is for out of the cache, or begins it.
    fn take(&mut self, guarded: &Guarded, to: &Target) -> Result<(u64, Held), Failure> {
        let kind = guarded.name;
        let (key, begins) = match to {
            Target::New => {
                let number = self.next_number(kind);
                return Ok((number, Held::new(guarded, Case { kind, number }, None)));
            }
            Target::This(key) => (key, false),
            Target::ThisOrNew(key) => (key, true),
        };
        let name = match key {
            Key::Name(name) => Some(Arc::from(name.as_str())),
            Key::Number(_) => None,
        };
        let number = self.room.number_of(kind, key)?;
        if let Some(number) = number
            && self.room.load(guarded, number)?
            && let Some(held) = self.room.things.take((kind, number))
        {
            return Ok((number, held));
        }
        if !begins {
            return Err(Failure::Unknown { what: unknown(kind, key) });
        }
        let number = number.unwrap_or_else(|| self.next_number(kind));
        Ok((number, Held::new(guarded, Case { kind, number }, name)))
    }

    fn next_number(&self, kind: &'static str) -> u64 {
        self.room.numbers.get(kind).copied().unwrap_or(0) + 1
    }

    fn append(&mut self, event: Event) {
        let room = &mut *self.room;
        room.position = event.position;
        *room.tallies.entry(event.name).or_default() += 1;
        room.staged.events.push(event);
        room.staged.undo.push(Undo::Event);
    }

    fn put_back(&mut self, kind: &'static str, number: u64, held: Held, changed: bool) {
        let room = &mut *self.room;
        if held.version == 0 {
            return; // nothing has happened: it is not there
        }
        room.things.put((kind, number), held);
        if !changed {
            return;
        }
        let first = room.staged.things.insert((kind, number));
        room.staged.undo.push(Undo::Thing(kind, number, first));
        let last = room.numbers.get(kind).copied().unwrap_or(0);
        if number > last {
            room.numbers.insert(kind, number);
            room.staged.undo.push(Undo::Number(kind, last));
        }
    }

    /// Rows of the context's own views are part of the same commit.
    fn show_own(&mut self, event: &Event) -> Result<(), Failure> {
        let system = self.room.system();
        let Some(context) = system.context(self.room.name()) else { return Ok(()) };
        for index in self.room.own_views.get(event.name).cloned().unwrap_or_default() {
            match self.show(&context.views[index], event) {
                // The row stays as bad as it is until the view is rebuilt, from the
                // journal. What happens must not wait for what is shown.
                Err(failure @ Failure::BadRow { .. }) => {
                    tracing::error!(story = failure.story(), "an event is not shown");
                }
                shown => shown?,
            }
        }
        Ok(())
    }
}

fn decide(
    rule: &Rule,
    held: &Held,
    order: &Decide<'_>,
    envelope: &Envelope,
) -> Result<Vec<kernel::Decided>, Failure> {
    let answer = match (&rule.asks, order.asked) {
        (None, _) => None,
        (Some(_), None) => {
            let what = format!("{} was decided before its question was put", order.name);
            return Err(Failure::fault(what));
        }
        (Some(asking), Some((asked, answer))) => {
            let (of, body) = asking.put(&held.state, order.command, envelope)?;
            let same = (of, body) == (asked.of.clone(), asked.body.clone());
            if !same && !mutant::QUESTION_NOT_REPEATED.is_planted() {
                return Err(Failure::unavailable(asked.context, "something else must be asked"));
            }
            Some(answer.as_slice())
        }
    };
    Ok(rule.decide(&held.state, order.command, envelope, answer)?)
}

fn unknown(kind: &str, key: &Key) -> String {
    match key {
        Key::Number(number) => format!("{kind} {number}"),
        Key::Name(name) => format!("{kind} {name}"),
    }
}

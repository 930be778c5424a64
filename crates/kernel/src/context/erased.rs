//! What is left when the types are forgotten: notes to draw, closures to run.

use std::{any::Any, sync::OnceLock};

use super::{Effect, Policy, Projection};
use crate::{
    Envelope, Event, Key, Message, Note, Role, Sentence, Unreadable,
    outcome::{Decided, Undecided},
};

/// The state of an aggregate, or a row of a view.
pub struct State(Box<dyn Any + Send + Sync>);

/// A command that has been read.
pub struct Command(Box<dyn Any + Send + Sync>);

/// An aggregate with its type forgotten.
pub struct Guarded {
    /// The kind: stored with every event.
    pub name: &'static str,
    /// Where it is found: `services`.
    pub path: Option<&'static str>,
    /// True when people call it by a name of its own; false when we count.
    pub named: bool,
    /// Its rules, one for each command.
    pub rules: Vec<Rule>,
    /// The questions of others that its state answers.
    pub answers: Vec<Answering>,
    pub(crate) events: Vec<&'static Note>,
    pub(crate) fresh: fn() -> State,
    pub(crate) read: fn(&'static str, &[u8]) -> Result<State, Unreadable>,
    pub(crate) write: fn(&'static str, &State) -> Result<Vec<u8>, Unreadable>,
    pub(crate) apply: Box<Apply>,
    pub(crate) check: Box<Check>,
}

/// One decision, with everything that is declared of it.
pub struct Rule {
    /// The command it decides.
    pub command: &'static Note,
    /// What must be known first.
    pub asks: Option<Asking>,
    /// Every event it can lead to.
    pub events: Vec<&'static Note>,
    /// Who may give the command; nobody outside, if empty.
    pub roles: &'static [Role],
    /// How REST calls it; not at all, if nothing.
    pub verb: Option<Verb>,
    /// The events by which the case settles; at once, if empty.
    pub settles: Vec<Settles>,
    pub(crate) read: fn(&[u8]) -> Result<Command, serde_json::Error>,
    pub(crate) write: fn(&Command) -> Vec<u8>,
    pub(crate) decide: Box<Decide>,
    /// An example of the command, made when it is needed first; nothing when
    /// no example can be made.
    pub(crate) example: OnceLock<Option<Command>>,
}

/// How REST calls a command.
pub enum Verb {
    /// `POST /things`: a new one.
    Post,
    /// `POST /things`: the one whose own name is in the command.
    PostTo(Box<KeyOf>),
    /// `PUT /things/{id}/verb`.
    Put(&'static str),
}

/// An event by which a case settles.
pub struct Settles {
    /// The event, of the same aggregate.
    pub event: &'static Note,
    /// The sentence, when settling so means that the answer is no.
    pub refusal: Option<Refused>,
}

/// What must be known before a decision.
pub struct Asking {
    /// The question.
    pub question: &'static Note,
    /// The context that is asked.
    pub of: &'static str,
    pub(crate) put: Box<Put>,
}

/// A question of another context that an aggregate's state answers.
pub struct Answering {
    /// The question.
    pub question: &'static Note,
    pub(crate) answer: Box<Answer>,
}

/// Who is told of an event.
#[derive(Clone, Copy)]
pub enum Subscription<'a> {
    /// It wants a command.
    Policy(&'a Policy),
    /// It wants something of the world outside.
    Effect(&'a Effect),
    /// It shows events of other contexts.
    View(&'a Projection),
}

/// Which one a command is about.
pub type KeyOf = dyn Fn(&Command) -> Option<Key> + Send + Sync;
/// What an event says when it means no.
pub type Refused = fn(&Event) -> Result<Sentence, Unreadable>;
type Apply = dyn Fn(&mut State, &Event) -> Result<(), Unreadable> + Send + Sync;
type Check = dyn Fn(&Event) -> Result<(), Unreadable> + Send + Sync;
type Decide = dyn Fn(&State, &Command, &Envelope, Option<&[u8]>) -> Result<Vec<Decided>, Undecided>
    + Send
    + Sync;
type Put = dyn Fn(&State, &Command, &Envelope) -> Result<(Key, Vec<u8>), Undecided> + Send + Sync;
type Answer = dyn Fn(&State, &[u8]) -> Result<Vec<u8>, Unreadable> + Send + Sync;

impl State {
    pub(crate) fn of<S: Send + Sync + 'static>(state: S) -> Self {
        Self(Box::new(state))
    }

    /// # Panics
    ///
    /// When a state is handed to an aggregate of another kind: our mistake.
    pub(crate) fn get<S: 'static>(&self) -> &S {
        self.0.downcast_ref().expect("a state goes back to the kind it came from")
    }

    /// # Panics
    ///
    /// As [`State::get`].
    pub(crate) fn get_mut<S: 'static>(&mut self) -> &mut S {
        self.0.downcast_mut().expect("a state goes back to the kind it came from")
    }
}

impl Command {
    /// Forgets the type.
    #[must_use]
    pub fn of<C: Message>(command: C) -> Self {
        Self(Box::new(command))
    }

    /// Remembers the type.
    #[must_use]
    pub fn get<C: Message>(&self) -> Option<&C> {
        self.0.downcast_ref()
    }
}

impl Guarded {
    /// Nothing has happened to it yet.
    #[must_use]
    pub fn fresh(&self) -> State {
        (self.fresh)()
    }

    /// A state as it was stored.
    ///
    /// # Errors
    ///
    /// When it does not have the shape the aggregate has today.
    pub fn read(&self, stored: &[u8]) -> Result<State, Unreadable> {
        (self.read)(self.name, stored)
    }

    /// A state as it is stored.
    ///
    /// # Errors
    ///
    /// When serde cannot write it: our mistake.
    pub fn write(&self, state: &State) -> Result<Vec<u8>, Unreadable> {
        (self.write)(self.name, state)
    }

    /// Lets one event happen to it.
    ///
    /// # Errors
    ///
    /// When the event has an unknown name or shape: a fault, not a shrug.
    pub fn apply(&self, state: &mut State, event: &Event) -> Result<(), Unreadable> {
        (self.apply)(state, event)
    }

    /// Whether one event has the shape its name promises.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn check(&self, event: &Event) -> Result<(), Unreadable> {
        (self.check)(event)
    }

    /// The rule that decides this command.
    #[must_use]
    pub fn rule(&self, command: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.command.name == command)
    }

    /// Whether it can replay this event.
    #[must_use]
    pub fn replays_event(&self, event: &str) -> bool {
        self.events.iter().any(|it| it.name == event)
    }

    /// Every event that can happen to it.
    #[must_use]
    pub fn events(&self) -> &[&'static Note] {
        &self.events
    }
}

impl Rule {
    /// Reads a command.
    ///
    /// # Errors
    ///
    /// When the body does not have the shape of the command.
    pub fn read(&self, body: &[u8]) -> Result<Command, serde_json::Error> {
        (self.read)(body)
    }

    /// Writes a command, always in the same way: for its fingerprint.
    #[must_use]
    pub fn write(&self, command: &Command) -> Vec<u8> {
        (self.write)(command)
    }

    /// Decides. `answer` is what came back when the rule asks something.
    ///
    /// # Errors
    ///
    /// When the business says no, or the answer cannot be read.
    pub fn decide(
        &self,
        state: &State,
        command: &Command,
        envelope: &Envelope,
        answer: Option<&[u8]>,
    ) -> Result<Vec<Decided>, Undecided> {
        (self.decide)(state, command, envelope, answer)
    }

    /// Whether an example of the command would be taken in this state: what a
    /// link may offer. What only another context knows counts as a yes.
    #[must_use]
    pub fn would_take(&self, state: &State, envelope: &Envelope) -> bool {
        let sample = || self.read(self.command.sample().to_string().as_bytes()).ok();
        let Some(command) = self.example.get_or_init(sample) else { return false };
        match &self.asks {
            Some(asking) => asking.put(state, command, envelope).is_ok(),
            None => self.decide(state, command, envelope, None).is_ok(),
        }
    }
}

impl Asking {
    /// Puts the question: of whom, and what.
    ///
    /// # Errors
    ///
    /// When the state already says no, so that there is nothing to ask.
    pub fn put(
        &self,
        state: &State,
        command: &Command,
        envelope: &Envelope,
    ) -> Result<(Key, Vec<u8>), Undecided> {
        (self.put)(state, command, envelope)
    }
}

impl Answering {
    /// Answers a question.
    ///
    /// # Errors
    ///
    /// When the question cannot be read.
    pub fn answer(&self, state: &State, question: &[u8]) -> Result<Vec<u8>, Unreadable> {
        (self.answer)(state, question)
    }
}

impl Subscription<'_> {
    /// The name it is stored under.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Policy(it) => format!("{} -> {}", it.event.name, it.command.name),
            Self::Effect(it) => format!("{} => {}", it.event.name, it.to),
            Self::View(it) => it.name.to_owned(),
        }
    }

    /// The events it is told of.
    #[must_use]
    pub fn events(&self) -> Vec<&'static Note> {
        match self {
            Self::Policy(it) => vec![it.event],
            Self::Effect(it) => vec![it.event],
            Self::View(it) => it.events(),
        }
    }
}

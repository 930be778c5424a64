//! Events as they are recorded, with and without their type.

use std::{
    any::Any,
    iter,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use crate::{Actor, Case, Cause, Identity, Message, Time, Unreadable};

/// A command (or a question), and the one it is addressed to.
#[derive(Debug, Clone, PartialEq)]
pub struct To<C: Message>(pub C::Of, pub C);

/// An event, and the one it happened to.
#[derive(Debug)]
pub struct Recorded<E: Message> {
    /// Which one.
    pub of: E::Of,
    /// When.
    pub at: Time,
    /// Who brought it about.
    pub by: Actor,
    /// What it belongs to.
    pub case: Case,
    /// What happened.
    pub event: Arc<E>,
}

/// Whom an event happened to, with its type forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The kind of aggregate.
    pub kind: &'static str,
    /// Its number, counted per kind from 1.
    pub number: u64,
    /// Its own name, if it has one.
    pub name: Option<Arc<str>>,
}

/// An event with its type forgotten, as a journal keeps it.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub name: &'static str,
    /// The version of its shape.
    pub schema: u32,
    /// The particulars, as JSON.
    pub body: Arc<[u8]>,
    record: Record,
    typed: Arc<OnceLock<Arc<dyn Any + Send + Sync>>>,
}

/// All that is known of an event but what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The context that decided it.
    pub context: &'static str,
    /// Its place in that context's journal, from 1, in commit order.
    pub position: u64,
    /// Whom it happened to.
    pub of: Subject,
    /// The how-manieth event of that one, from 1.
    pub version: u64,
    /// When.
    pub at: Time,
    /// Who brought it about.
    pub by: Actor,
    /// What it belongs to.
    pub case: Case,
    /// What led to it.
    pub cause: Cause,
    /// The W3C trace context it happened in, if any.
    pub trace: Option<Arc<str>>,
}

impl Event {
    /// As a store reads it back.
    #[must_use]
    pub fn stored(name: &'static str, schema: u32, body: Arc<[u8]>, record: Record) -> Self {
        Self { name, schema, body, record, typed: Arc::default() }
    }

    /// As it was decided just now: nothing has to be read again.
    pub(crate) fn decided(
        (name, schema): (&'static str, u32),
        body: Arc<[u8]>,
        event: Arc<dyn Any + Send + Sync>,
        record: Record,
    ) -> Self {
        Self { name, schema, body, record, typed: Arc::new(OnceLock::from(event)) }
    }

    /// With its type again.
    ///
    /// # Errors
    ///
    /// When the body does not have the shape of `E`, nor any older one.
    pub fn recorded<E: Message>(&self) -> Result<Recorded<E>, Unreadable> {
        let known = self.typed.get().and_then(|it| Arc::clone(it).downcast::<E>().ok());
        let event = match known {
            Some(event) => event,
            None => self.read()?,
        };
        let (at, by, case) = (self.at, self.by.clone(), self.case);
        Ok(Recorded { of: E::Of::of(&self.of), at, by, case, event })
    }
}

impl Event {
    fn read<E: Message>(&self) -> Result<Arc<E>, Unreadable> {
        let event = Arc::new(read_version::<E>(self.schema, &self.body)?);
        self.typed.get_or_init(|| event.clone());
        Ok(event)
    }
}

/// Reads a body of any version that was ever written.
fn read_version<M: Message>(schema: u32, body: &[u8]) -> Result<M, Unreadable> {
    let name = M::NOTE.name;
    if schema == M::NOTE.version {
        return serde_json::from_slice(body).map_err(|error| unfit::<M>(body, error));
    }
    let body = serde_json::from_slice(body).map_err(|error| Unreadable::new(name, error))?;
    let today = M::upcast(schema, body)
        .ok_or_else(|| Unreadable::new(name, format!("version {schema} is not known here")))?;
    serde_path_to_error::deserialize(today).map_err(|error| Unreadable::new(name, error))
}

/// Why a body does not fit, with the field: read once more, and more slowly.
fn unfit<M: Message>(body: &[u8], error: serde_json::Error) -> Unreadable {
    let mut slowly = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, M>(&mut slowly) {
        Err(error) => Unreadable::new(M::NOTE.name, error),
        Ok(_) => Unreadable::new(M::NOTE.name, error), // something follows it
    }
}

impl<E: Message> Recorded<E> {
    /// An event as an example: it happened to the first one, at the beginning of time.
    #[must_use]
    pub fn example(event: E) -> Self {
        let case = Case { kind: "example", number: 1 };
        let (of, at, by) = (E::Of::sample(), Time(0), Actor::system());
        Self { of, at, by, case, event: Arc::new(event) }
    }
}

impl Deref for Event {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl<E: Message> Deref for Recorded<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.event
    }
}

/// A policy that always wants exactly one thing returns just that.
impl<C: Message> IntoIterator for To<C> {
    type Item = Self;
    type IntoIter = iter::Once<Self>;

    fn into_iter(self) -> Self::IntoIter {
        iter::once(self)
    }
}

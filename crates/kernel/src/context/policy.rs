//! What a context does of its own accord.

use std::{any, time::Duration};

use super::Command;
use crate::{Event, Identity, Key, Message, Note, Recorded, Unreadable, Wish, event::To};

/// Whenever this happens, that is wanted.
pub struct Policy {
    /// The sentence on its note.
    pub name: String,
    /// What it reacts to.
    pub event: &'static Note,
    /// What it wants.
    pub command: &'static Note,
    /// How long after the event; at once, if nothing.
    pub after: Option<Duration>,
    react: Box<React>,
}

/// Whenever this happens, the world outside is wanted to do something.
pub struct Effect {
    /// The sentence on its note.
    pub name: String,
    /// What it reacts to.
    pub event: &'static Note,
    /// What is wanted.
    pub wish: &'static Note,
    /// Of which outside system.
    pub to: &'static str,
    /// The command that takes the answer back.
    pub command: &'static Note,
    want: Box<Want>,
    learn: Box<Learn>,
}

type React = dyn Fn(&Event) -> Result<Vec<(Key, Command)>, Unreadable> + Send + Sync;
type Want = dyn Fn(&Event) -> Result<Vec<u8>, Unreadable> + Send + Sync;
type Learn = dyn Fn(&Event, &[u8]) -> Result<(Key, Command), Unreadable> + Send + Sync;

impl Policy {
    pub(crate) fn of<E, I, C, F>(after: Option<Duration>, react: F) -> Self
    where
        E: Message,
        I: IntoIterator<Item = To<C>>,
        C: Message,
        F: Fn(&Recorded<E>) -> I + Send + Sync + 'static,
    {
        Self {
            name: sentence::<F>(),
            event: &E::NOTE,
            command: &C::NOTE,
            after,
            react: Box::new(move |event| {
                let wanted = react(&event.recorded()?).into_iter();
                Ok(wanted.map(|To(of, command)| (of.key(), Command::of(command))).collect())
            }),
        }
    }

    /// The commands it wants because of this event.
    ///
    /// # Errors
    ///
    /// When the event cannot be read.
    pub fn react(&self, event: &Event) -> Result<Vec<(Key, Command)>, Unreadable> {
        (self.react)(event)
    }
}

impl Effect {
    pub(crate) fn of<E, W, C, F, G>(want: F, learn: G) -> Self
    where
        E: Message,
        W: Wish,
        C: Message,
        F: Fn(&Recorded<E>) -> W + Send + Sync + 'static,
        G: Fn(&Recorded<E>, W::Answer) -> To<C> + Send + Sync + 'static,
    {
        let unreadable = |error| Unreadable::new(W::NOTE.name, error);
        Self {
            name: sentence::<F>(),
            event: &E::NOTE,
            wish: &W::NOTE,
            to: W::TO,
            command: &C::NOTE,
            want: Box::new(move |event| {
                serde_json::to_vec(&want(&event.recorded()?)).map_err(unreadable)
            }),
            learn: Box::new(move |event, answer| {
                let answer = serde_json::from_slice(answer).map_err(unreadable)?;
                let To(of, command) = learn(&event.recorded()?, answer);
                Ok((of.key(), Command::of(command)))
            }),
        }
    }

    /// What it wants because of this event, as JSON.
    ///
    /// # Errors
    ///
    /// When the event cannot be read.
    pub fn want(&self, event: &Event) -> Result<Vec<u8>, Unreadable> {
        (self.want)(event)
    }

    /// The command that takes the answer back.
    ///
    /// # Errors
    ///
    /// When the event or the answer cannot be read.
    pub fn learn(&self, event: &Event, answer: &[u8]) -> Result<(Key, Command), Unreadable> {
        (self.learn)(event, answer)
    }
}

/// The name of a function, as a person would say it.
fn sentence<F>() -> String {
    let path = any::type_name::<F>();
    path.rsplit("::").next().unwrap_or(path).replace('_', " ")
}

//! Why something came to nothing.

use std::{error::Error, sync::Arc, time::Duration};

use kernel::{Sentence, Undecided, Unreadable};
use thiserror::Error as ThisError;

use crate::store::StoreError;

/// Why something came to nothing. In every case nothing has changed, except
/// where it says that this is not known.
#[derive(Debug, Clone, ThisError)]
pub enum Failure {
    /// The business said no; the sentence is meant for the person who asked.
    #[error("{0}")]
    Refused(Sentence),
    /// Somebody who is needed does not answer.
    #[error("{who} does not answer: {why}")]
    Unavailable {
        /// A context or an outside system.
        who: String,
        /// What is known of it.
        why: String,
        /// When it may be worth asking again.
        again: Duration,
    },
    /// There is no such thing.
    #[error("there is no {what}")]
    Unknown {
        /// What was asked for: `job 7`.
        what: String,
    },
    /// The same idempotency key came with another command.
    #[error("this idempotency key was used for something else")]
    KeyReused,
    /// The command with this idempotency key is still at work.
    #[error("the command with this idempotency key is still at work")]
    KeyBusy,
    /// Something stored or sent does not have the shape its name promises.
    #[error("{0}")]
    Unreadable(Arc<Unreadable>),
    /// An event is larger than [`EVENT_BYTES_MAX`](crate::EVENT_BYTES_MAX).
    #[error("{what} has {bytes} bytes, and no event may have more than {most}")]
    TooLarge {
        /// Which event.
        what: String,
        /// How many bytes it has.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// A row of a view cannot be read any more. What it is made of is in the
    /// journals, so that it can be made again.
    #[error("row {number} of {view} cannot be read ({why}): rebuild the view {view}")]
    BadRow {
        /// The view.
        view: &'static str,
        /// Which row.
        number: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The database failed. Whether the change was made is not known.
    #[error("the database failed")]
    Store(#[source] Arc<StoreError>),
    /// We are wrong.
    #[error("a fault: {what}")]
    Fault {
        /// What went wrong.
        what: String,
    },
}

impl Failure {
    /// Somebody who is needed does not answer; ask again in a second.
    pub fn unavailable(who: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Unavailable { who: who.into(), why: why.into(), again: Duration::from_secs(1) }
    }

    /// We are wrong, and say so.
    pub fn fault(what: impl Into<String>) -> Self {
        Self::Fault { what: what.into() }
    }

    /// Refuses an event that is too large.
    pub(crate) fn unless_small(event: &kernel::Event) -> Result<(), Self> {
        let (bytes, most) = (event.body.len(), crate::EVENT_BYTES_MAX);
        if bytes <= most {
            return Ok(());
        }
        let what = format!("{} of {} {}", event.name, event.of.kind, event.of.number);
        Err(Self::TooLarge { what, bytes, most })
    }

    /// Whether the same thing may well succeed a little later.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Store(error) => {
                use StoreError::{Away, Conflict, Full, Unknown};
                matches!(**error, Full(_) | Conflict(_) | Away(_) | Unknown(_))
            }
            _ => false,
        }
    }

    /// The whole story, for an operator.
    #[must_use]
    pub fn story(&self) -> String {
        let mut story = self.to_string();
        let mut cause = match self {
            Self::Unreadable(unreadable) => unreadable.source(),
            _ => self.source(),
        };
        while let Some(because) = cause {
            story.push_str(": ");
            story.push_str(&because.to_string());
            cause = because.source();
        }
        story
    }
}

impl Failure {
    /// The whole story as a sentence: the same in both languages.
    #[must_use]
    pub fn told(&self) -> Sentence {
        let story = self.story();
        Sentence::new(story.clone(), story)
    }
}

impl From<Undecided> for Failure {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Refused(sentence) => Self::Refused(sentence),
            Undecided::Unreadable(unreadable) => unreadable.into(),
        }
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(Arc::new(unreadable))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

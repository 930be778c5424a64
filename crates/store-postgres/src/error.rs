//! Why a database cannot be opened, in one line that a person can act on.

use thiserror::Error;

use crate::fault::Fault;

/// Why a database cannot be opened. Nothing in it has changed, and the password
/// is not in the line.
#[derive(Debug, Error)]
#[error("{place}: {why}")]
pub struct OpenError {
    /// The database.
    pub place: String,
    /// Why it cannot be opened.
    pub why: Why,
}

/// Why a database cannot be opened.
#[derive(Debug, Error)]
pub enum Why {
    /// It is no address of one.
    #[error("it should be like postgres://user:password@host:5432/database")]
    NoAddress,
    /// It cannot be reached, or does not let us in.
    #[error("it cannot be opened: {0}")]
    Unreachable(String),
    /// The server is too old.
    #[error("it is run by PostgreSQL {found}, and at least {needed} is needed")]
    OldServer {
        /// Its version.
        found: String,
        /// The oldest that is good.
        needed: i32,
    },
    /// A schema belongs to somebody else.
    #[error("the schema {0} is there already, and is not of this program")]
    NotOurs(String),
    /// A name that the engine would cut off.
    #[error("{0} is too long to be the name of a schema, a table or an index")]
    LongName(String),
    /// It was written by a newer version of this program.
    #[error(
        "{schema} was written by a newer version of this program: \
         its tables have version {found}, and this one knows {known}"
    )]
    Newer {
        /// The schema.
        schema: String,
        /// The version of its tables.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
    /// A journal holds an event whose name nobody knows.
    #[error("the journal of {context} holds {event}, which this program does not know")]
    UnknownEvent {
        /// Whose journal.
        context: String,
        /// The name of the event.
        event: String,
    },
    /// A journal holds an event in a shape nobody knows.
    #[error(
        "the journal of {context} holds version {found} of {event}, \
         and this program knows version {known}"
    )]
    NewerEvent {
        /// Whose journal.
        context: String,
        /// The name of the event.
        event: String,
        /// The version in the journal.
        found: u32,
        /// The version this program knows.
        known: u32,
    },
}

impl From<Fault> for Why {
    fn from(fault: Fault) -> Self {
        Self::Unreachable(fault.line())
    }
}

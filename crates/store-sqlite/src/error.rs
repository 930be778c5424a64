//! Why a database cannot be opened, in one line that a person can act on.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a database cannot be opened. Nothing on disk has changed.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// It, or the folder it is in, cannot be written to.
    #[error("{} cannot be written to: {source}", path.display())]
    CannotWrite {
        /// The database.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It is something else.
    #[error("{} is not a database of this program: {what}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// It is damaged.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// How one can tell.
        what: String,
    },
    /// It was written by a newer version of this program.
    #[error(
        "{} was written by a newer version of this program: \
         its tables have version {found}, and this one knows {known}",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The version of its tables.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// A journal holds an event whose name nobody knows.
    #[error("{}: the journal of {context} holds {event}, which this program does not know", path.display())]
    UnknownEvent {
        /// The database.
        path: PathBuf,
        /// Whose journal.
        context: String,
        /// The name of the event.
        event: String,
    },
    /// A journal tells of a kind of thing whose name nobody knows.
    #[error("{}: {context} holds things of the kind {kind}, which this program does not know", path.display())]
    UnknownKind {
        /// The database.
        path: PathBuf,
        /// Whose.
        context: String,
        /// The kind.
        kind: String,
    },
    /// A journal holds an event in a shape nobody knows.
    #[error(
        "{}: the journal of {context} holds version {found} of {event}, \
         and this program knows version {known}",
        path.display()
    )]
    NewerEvent {
        /// The database.
        path: PathBuf,
        /// Whose journal.
        context: String,
        /// The name of the event.
        event: String,
        /// The version in the journal.
        found: u32,
        /// The version this program knows.
        known: u32,
    },
    /// Two things that are declared would share a table.
    #[error("{}: two things are called {name}, so that they would share a table", path.display())]
    SameName {
        /// The database.
        path: PathBuf,
        /// The name of the table.
        name: String,
    },
    /// The engine that was linked in can damage a database.
    #[error("SQLite {found} is too old: it can damage {}; at least {needed} is needed", path.display())]
    OldEngine {
        /// The database.
        path: PathBuf,
        /// The version that was linked in.
        found: &'static str,
        /// The oldest that is good.
        needed: &'static str,
    },
    /// The engine failed.
    #[error("{} cannot be opened: {source}", path.display())]
    Engine {
        /// The database.
        path: PathBuf,
        /// What the engine says.
        source: rusqlite::Error,
    },
}

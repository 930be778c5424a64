//! What is wrong with something that should have been an event.

use thiserror::Error;

/// What is wrong with something that should have been an event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Flaw {
    /// An attribute is not there.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// An attribute is not what it should be.
    #[error("{attribute} is {value:?}, which is not {expected}")]
    Wrong {
        /// Which one.
        attribute: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Nobody here knows this kind of event.
    #[error("nobody here knows {0}")]
    Unknown(String),
    /// It was written by a newer version of the software.
    #[error("{name} has version {version}, and {known} is the newest known here")]
    Newer {
        /// The event.
        name: &'static str,
        /// The version it has.
        version: u32,
        /// The newest known.
        known: u32,
    },
    /// It is no JSON, or not of the expected shape.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

//! What can go wrong inside, and what the runtime is told of it.

use std::{error::Error, sync::Arc};

use runtime::store::StoreError;
use tokio_postgres::{
    Error as Engine,
    error::{DbError, Severity, SqlState},
};

/// A cause that can be handed to many.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// What went wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Somebody else was faster.
    Conflict(String),
    /// The lease has passed on.
    Fenced(String),
    /// What is stored cannot be understood: what and where, and why not.
    Unreadable(String, String),
    /// The caller asked for something that is not declared: our mistake.
    Misuse(String),
    /// The database cannot be reached, or does not let us; nothing has changed.
    Away(Cause),
    /// The connection is gone, and there may be a better one; nothing has changed.
    Gone(Cause),
    /// Nobody knows whether it was committed.
    Unknown(Cause),
    /// There is no room.
    Full(Cause),
    /// The engine failed.
    Broken(Cause),
}

impl Fault {
    /// Out of reach, for that reason.
    pub fn away(why: &'static str) -> Self {
        Self::Away(cause(why))
    }

    /// What an error means that came before a commit was sent.
    pub fn of(error: Engine) -> Self {
        let Some(said) = error.as_db_error() else {
            return if is_ours(&error) {
                Self::Broken(Arc::new(error))
            } else {
                Self::Gone(Arc::new(error))
            };
        };
        if is_last_word(said) {
            return Self::Gone(Arc::new(error));
        }
        let code = said.code();
        match &code.code()[..2] {
            _ if *code == SqlState::DISK_FULL => Self::Full(Arc::new(error)),
            _ if *code == SqlState::UNIQUE_VIOLATION => {
                Self::Conflict(said.table().unwrap_or("it").to_owned())
            }
            // What it says of statements, of data and of itself, and not of the moment.
            "0A" | "21" | "22" | "23" | "26" | "2F" | "39" | "3F" | "42" | "54" | "58" | "XX" => {
                Self::Broken(Arc::new(error))
            }
            _ => Self::Away(Arc::new(error)),
        }
    }

    /// What an error means that came in place of the word that all is committed.
    pub fn of_commit(error: Engine) -> Self {
        // Only when it goes on after its no do we know that it meant it.
        match error.as_db_error() {
            Some(said) if !is_last_word(said) => match Self::of(error) {
                Self::Gone(cause) => Self::Away(cause),
                fault => fault,
            },
            _ => Self::Unknown(Arc::new(error)),
        }
    }

    /// For a person, in one line, as far down as the engine says it.
    pub fn line(&self) -> String {
        match self {
            Self::Away(cause)
            | Self::Gone(cause)
            | Self::Unknown(cause)
            | Self::Full(cause)
            | Self::Broken(cause) => {
                let mut line = cause.to_string();
                let mut deeper = cause.source();
                while let Some(source) = deeper {
                    line = format!("{line}: {source}");
                    deeper = source.source();
                }
                line.replace('\n', " ")
            }
            Self::Unreadable(what, why) => format!("{what} cannot be read: {why}"),
            Self::Conflict(what) | Self::Fenced(what) | Self::Misuse(what) => what.clone(),
        }
    }

    /// What it means when a value that was read is not what it should be.
    pub fn unreadable(error: &Engine) -> Self {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        Self::Unreadable("what is stored".to_owned(), why)
    }
}

/// A value did not fit its statement: the server has not even seen it.
fn is_ours(error: &Engine) -> bool {
    let is_io = error.source().is_some_and(<dyn Error>::is::<std::io::Error>);
    !error.is_closed() && !is_io && error.to_string().contains("serializing parameter")
}

/// After it the connection is closed.
fn is_last_word(said: &DbError) -> bool {
    matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Conflict(what) => Self::Conflict(what),
            Fault::Fenced(what) => Self::Fenced(what),
            Fault::Unreadable(what, why) => Self::Unreadable { what, source: cause(why) },
            Fault::Misuse(what) => Self::Broken(cause(what)),
            Fault::Away(cause) | Fault::Gone(cause) => Self::Away(cause),
            Fault::Unknown(cause) => Self::Unknown(cause),
            Fault::Full(cause) => Self::Full(cause),
            Fault::Broken(cause) => Self::Broken(cause),
        }
    }
}

/// A cause that can be handed to many.
pub fn cause(error: impl Into<Box<dyn Error + Send + Sync>>) -> Cause {
    Arc::from(error.into())
}

//! What can go wrong inside, and what the runtime is told of it.

use std::{error::Error, sync::Arc};

use runtime::store::StoreError;
use rusqlite::ErrorCode;

/// What went wrong.
#[derive(Debug)]
pub enum Fault {
    /// Somebody else was faster.
    Conflict(String),
    /// The lease has passed on.
    Fenced(String),
    /// What is stored cannot be understood: what and where, and why not.
    Unreadable(String, String),
    /// The caller asked for something that is not declared: our mistake.
    Misuse(String),
    /// The engine says so.
    Engine(rusqlite::Error),
}

impl Fault {
    /// Whether it is unknown what is on the disk now, so that nothing more may
    /// be written through the same handle.
    pub fn is_grave(&self) -> bool {
        match self {
            Self::Engine(error) => !matches!(
                error.sqlite_error_code(),
                None | Some(
                    ErrorCode::DiskFull
                        | ErrorCode::ConstraintViolation
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::TooBig
                )
            ),
            _ => false,
        }
    }

    /// Whether the engine says that something is there already.
    pub fn is_taken(&self) -> bool {
        let Self::Engine(error) = self else { return false };
        error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        use rusqlite::Error as Engine;
        match fault {
            Fault::Conflict(what) => Self::Conflict(what),
            Fault::Fenced(what) => Self::Fenced(what),
            Fault::Unreadable(what, why) => Self::Unreadable { what, source: cause(why) },
            Fault::Misuse(what) => Self::Broken(cause(what)),
            Fault::Engine(error) => match error {
                _ if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                    Self::Full(Arc::new(error))
                }
                // Somebody else had it for too long; our turn has not even begun.
                _ if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    Self::Away(Arc::new(error))
                }
                Engine::FromSqlConversionFailure(..)
                | Engine::IntegralValueOutOfRange(..)
                | Engine::InvalidColumnType(..)
                | Engine::Utf8Error(..) => {
                    Self::Unreadable { what: "what is stored".to_owned(), source: cause(error) }
                }
                _ => Self::Broken(Arc::new(error)),
            },
        }
    }
}

/// A cause that can be handed to many.
pub fn cause(error: impl Into<Box<dyn Error + Send + Sync>>) -> Arc<dyn Error + Send + Sync> {
    Arc::from(error.into())
}

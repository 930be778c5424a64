//! One open database, whichever engine it has.

use std::{fmt, path::PathBuf, sync::Arc};

use kernel::{System, Time};
use runtime::store::{Layout, Store, StoreError};
use store_postgres::PostgresStore;
use store_sqlite::SqliteStore;

use crate::{
    exit::{Code, Outcome, Stop},
    settings::Address,
};

/// Where a database is. On a server each context has a writer of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// For one context, in a database of a server.
    Server(Address, &'static str),
    /// In a file.
    File(PathBuf),
}

/// One open database.
#[derive(Clone)]
pub enum Database {
    /// In a file.
    File(Arc<SqliteStore>),
    /// On a server.
    Server(Arc<PostgresStore>),
}

impl Place {
    /// Opens it, and makes what is missing.
    pub fn open(&self, system: &System, contexts: &[&str]) -> Outcome<Database> {
        let layout = Layout::of(system, contexts);
        match self {
            Self::File(path) => SqliteStore::open(path, layout, &store_sqlite::Options::default())
                .map(|it| Database::File(Arc::new(it)))
                .map_err(data),
            Self::Server(address, _) => {
                let options = store_postgres::Options::default();
                PostgresStore::open(address.secret(), layout, &options)
                    .map(|it| Database::Server(Arc::new(it)))
                    .map_err(data)
            }
        }
    }

    /// Whether opening it makes something that was not there before.
    pub fn is_new(&self) -> bool {
        matches!(self, Self::File(path) if !path.exists())
    }

    /// Whether it is the same file or the same database of a server.
    pub fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Server(one, _), Self::Server(other, _)) => one == other,
            _ => self == other,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(address, _) => address.fmt(f),
        }
    }
}

impl Database {
    /// As the runtime takes it.
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::File(store) => Arc::clone(store) as _,
            Self::Server(store) => Arc::clone(store) as _,
        }
    }

    /// The contexts that have a history there, and were not opened with it.
    pub fn left_behind(&self) -> Outcome<Vec<String>> {
        match self {
            Self::File(store) => store.left_behind(),
            Self::Server(store) => store.left_behind(),
        }
        .map_err(data)
    }

    /// Removes answers from before that time, at most so many, and says how many.
    pub fn purge_answers(&self, before: Time, at_most: usize) -> Result<usize, StoreError> {
        match self {
            Self::File(store) => store.purge_answers(before, at_most),
            Self::Server(store) => store.purge_answers(before, at_most),
        }
    }
}

/// Why a database cannot be used.
pub fn data(error: impl std::error::Error) -> Stop {
    Stop::new(Code::Data, error)
}

//! The embedded store: the port of the runtime, on `SQLite`.
//!
//! One file holds the contexts of one process. **Invariant:** there is one
//! connection that writes, and a commit that has returned is on the disk.
//! Whoever reads does so on their own thread and never waits for a commit.

#![warn(missing_docs)]

mod acts;
mod answers;
mod backup;
mod checkpoint;
mod commit;
mod context;
mod deliveries;
mod error;
mod fault;
mod fresh;
mod inspect;
mod journal;
mod ledger;
mod lock;
mod migrate;
mod open;
mod options;
mod part;
#[cfg(test)]
mod plans;
mod port;
mod prepare;
mod progress;
mod readers;
mod rows;
mod search;
mod shadow;
mod things;
mod upkeep;
mod words;
mod writer;

use std::{path::PathBuf, sync::Arc};

use parking_lot::Mutex;
use rusqlite::Connection;

use checkpoint::Checkpointer;
use context::Context;
use fault::Fault;
use lock::Lock;
use readers::Readers;
use words::Words;
use writer::Writer;

pub use backup::{BackupError, Copied, backup};
pub use error::OpenError;
pub use options::Options;

/// A database of its own. Closing it leaves one file behind.
#[derive(Debug)]
pub struct SqliteStore {
    contexts: Vec<Context>,
    words: Words,
    // The fields below go in this order: the log is folded into the file while
    // its connections are there, and nobody else comes in before they are gone.
    checkpointer: Option<Checkpointer>,
    readers: Option<Readers>,
    writer: Arc<Mutex<Writer>>,
    lock: Option<Lock>,
    path: Option<PathBuf>,
}

impl SqliteStore {
    /// Reads on this very thread; in memory there is only one connection.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        match &self.readers {
            Some(readers) => readers.read(read),
            None => read(&self.writer.lock().connection),
        }
    }

    fn context(&self, name: &str) -> Result<&Context, Fault> {
        Context::find(&self.contexts, name)
    }
}

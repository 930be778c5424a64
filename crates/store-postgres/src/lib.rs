//! The store that several processes share: the port of the runtime, on `PostgreSQL`.
//!
//! One schema holds one context. **Invariant:** whoever writes to a context
//! holds the lock of its head until the commit, so that positions are in commit
//! order without gaps, whoever writes. A commit that has returned is on the disk
//! of the server. Every call ends by its deadline, whatever the server does.

#![warn(missing_docs)]

mod acts;
mod answers;
mod ask;
mod batch;
mod cell;
mod connect;
mod context;
mod deliveries;
mod driver;
mod error;
mod fault;
mod gate;
mod heads;
mod journal;
mod migrate;
mod open;
mod options;
#[cfg(test)]
mod plans;
mod pool;
mod port;
mod prepare;
mod progress;
mod rows;
mod search;
mod session;
mod shadow;
mod tables;
mod taken;
mod things;
mod upkeep;
mod writer;

use std::sync::Arc;

use runtime::store::{Layout, kept_name};

use ask::Ask;
use context::Context;
use driver::Driver;
use fault::Fault;
use pool::Pool;
use tokio_postgres::Row;
use writer::Writer;

pub use error::{OpenError, Why};
pub use options::Options;

/// A database that others may have open too.
#[derive(Debug)]
pub struct PostgresStore {
    contexts: Vec<Context>,
    layout: Layout,
    pool: Arc<Pool>,
    writer: Writer,
    // The last: it is what the connections live on.
    driver: Driver,
}

impl PostgresStore {
    /// What the database says now.
    fn read(&self, ask: Ask) -> Result<Vec<Row>, Fault> {
        self.pool.ask(&self.driver, ask)
    }

    fn context(&self, name: &str) -> Result<&Context, Fault> {
        Context::find(&self.contexts, name)
    }

    /// A name of which it does not matter whether it is still declared: what it
    /// stands in is told, and never acted on.
    fn name(&self, name: &str) -> &'static str {
        self.layout.known(name).unwrap_or_else(|| kept_name(name))
    }

    /// A name as the declaration has it; `place` says where it stands.
    fn known(&self, name: &str, place: impl FnOnce() -> String) -> Result<&'static str, Fault> {
        let unknown = || Fault::Unreadable(place(), format!("nobody knows {name}"));
        self.layout.known(name).ok_or_else(unknown)
    }
}

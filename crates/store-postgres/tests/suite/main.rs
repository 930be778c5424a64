//! What a store promises, and what is true of this one only.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod promises;
mod refusals;
mod together;

use std::{sync::Arc, time::Duration};

use runtime::store::{Layout, Store};
use store_postgres::{Options, PostgresStore};

fn open(url: &str, layout: Layout) -> PostgresStore {
    PostgresStore::open(url, layout, &Options::default()).unwrap()
}

fn shared(url: &str, layout: Layout) -> Arc<dyn Store> {
    Arc::new(open(url, layout))
}

/// Gives up early, so that a test need not wait for long.
fn impatient() -> Options {
    Options { deadline: Duration::from_millis(500), ..Options::default() }
}

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
    PostgresStore::open(url, layout, &patient()).unwrap()
}

fn shared(url: &str, layout: Layout) -> Arc<dyn Store> {
    Arc::new(open(url, layout))
}

/// Where nothing is wrong but a machine that has much to do, nobody gives up.
fn patient() -> Options {
    let (deadline, turn) = (Duration::from_secs(30), Duration::from_secs(30));
    Options { deadline, turn, ..Options::default() }
}

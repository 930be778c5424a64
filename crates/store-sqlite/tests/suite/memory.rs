//! The store that is gone when it is dropped.

use std::sync::Arc;

use runtime::store::Layout;
use store_conformance::shop;
use store_sqlite::{OpenError, SqliteStore};

#[test]
fn every_promise_is_kept_in_memory() {
    let open = |(): &(), layout| Arc::new(SqliteStore::in_memory(layout).unwrap()) as _;
    store_conformance::check(|| (), open);
}

#[test]
fn two_things_that_would_share_a_table_are_not_taken() {
    let mut layout: Layout = shop::layout();
    layout.contexts[0].kinds.push("ORDER");
    let error = SqliteStore::in_memory(layout).unwrap_err();
    assert!(matches!(&error, OpenError::SameName { name, .. } if name == "shop/thing/ORDER"));
}

#[test]
fn what_is_not_declared_is_not_there_to_be_read() {
    use runtime::store::Store;
    let store = SqliteStore::in_memory(shop::layout()).unwrap();
    assert!(store.heads("elsewhere").is_err());
    assert!(store.thing("shop", "Bill", 1).is_err());
    assert!(store.row("shop", "bills\"; DROP TABLE word; --", 1).is_err());
}

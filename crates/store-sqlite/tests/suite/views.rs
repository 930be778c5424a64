//! What is indexed changes from one version of a program to the next.

use std::path::Path;

use kernel::Indexed;
use runtime::store::{Filter, Layout, Row, Store};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

use crate::conformance::shop::{self, batch, place, row};

#[test]
fn a_field_that_is_indexed_later_must_be_filled() {
    let folder = TempDir::new().unwrap();
    let earlier = open(folder.path(), shop::layout_without_customers());
    assert_eq!(earlier.stale_views("shop").unwrap(), Vec::<&str>::new());
    let written = (1..=2).map(|number| without_customer(number, 1)).collect();
    earlier.commit(&batch(|it| it.rows = written)).unwrap();
    drop(earlier);

    for _ in 0..2 {
        let store = open(folder.path(), shop::layout());
        assert_eq!(store.stale_views("shop").unwrap(), ["orders"], "until it is filled");
        assert_eq!(count(&store, Indexed::Nothing), 2);
    }
    let store = open(folder.path(), shop::layout());
    let filled = (1..=2).map(|number| with_customer(number, 1, "kim")).collect();
    store.commit(&batch(|it| it.rows = filled)).unwrap();
    store.refreshed("shop", "orders").unwrap();
    assert_eq!(store.stale_views("shop").unwrap(), Vec::<&str>::new());
    assert_eq!((count(&store, Indexed::Nothing), count(&store, "kim".into())), (0, 2));
    assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), 2);
    drop(store);
    assert_eq!(
        open(folder.path(), shop::layout()).stale_views("shop").unwrap(),
        Vec::<&str>::new()
    );
}

#[test]
fn a_field_that_was_not_indexed_for_a_while_must_be_filled_again() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path(), shop::layout());
    store.commit(&batch(|it| it.rows = vec![with_customer(1, 1, "kim")])).unwrap();
    drop(store);
    let store = open(folder.path(), shop::layout_without_customers());
    store.commit(&batch(|it| it.rows = vec![without_customer(1, 2)])).unwrap();
    assert_eq!(store.stale_views("shop").unwrap(), Vec::<&str>::new());
    drop(store);
    assert_eq!(open(folder.path(), shop::layout()).stale_views("shop").unwrap(), ["orders"]);
}

#[test]
fn a_view_that_comes_later_must_be_filled() {
    let folder = TempDir::new().unwrap();
    let mut layout = shop::layout();
    layout.contexts[0].views.clear();
    let store = open(folder.path(), layout);
    store
        .commit(&batch(|it| {
            it.events.push(shop::placed(1, 1));
            it.things.push(shop::order(1, 1, 1));
        }))
        .unwrap();
    drop(store);
    let store = open(folder.path(), shop::layout());
    assert_eq!(store.stale_views("shop").unwrap(), ["orders"]);
    place(&store, 2..=2);
}

fn without_customer(number: u64, version: u64) -> Row {
    Row { indexed: vec!["placed".into()], ..row(number, version, "placed") }
}

fn with_customer(number: u64, version: u64, customer: &str) -> Row {
    Row { indexed: vec!["placed".into(), customer.into()], ..row(number, version, "placed") }
}

fn count(store: &SqliteStore, customer: Indexed) -> u64 {
    store.count_rows("shop", "orders", &[Filter { field: "customer", is: customer }]).unwrap()
}

fn open(folder: &Path, layout: Layout) -> SqliteStore {
    SqliteStore::open(&folder.join("it.db"), layout, &Options::default()).unwrap()
}

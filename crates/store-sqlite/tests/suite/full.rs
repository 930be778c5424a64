//! There is no room left.

use runtime::store::{Row, Store, StoreError};
use store_conformance::shop::{self, batch, bytes, order, place, placed, row};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

#[test]
fn when_there_is_no_room_nothing_changes_and_it_goes_on_when_there_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("it.db");
    let store = SqliteStore::open(&path, shop::layout(), &Options::default()).unwrap();
    fills_up_and_goes_on(&store);
    drop(store);

    let store = SqliteStore::open(&path, shop::layout(), &Options::default()).unwrap();
    assert_eq!(store.heads("shop").unwrap().position, 3);
}

#[test]
fn it_is_the_same_in_memory() {
    fills_up_and_goes_on(&SqliteStore::in_memory(shop::layout()).unwrap());
}

fn fills_up_and_goes_on(store: &SqliteStore) {
    place(store, 1..=2);
    store.limit_pages(1).unwrap(); // never less than there are
    let large = batch(|it| {
        it.events.push(placed(3, 3));
        it.things.push(order(3, 1, 3));
        it.rows = vec![Row { row: bytes(&"x".repeat(100_000)), ..row(3, 1, "placed") }];
    });
    for _ in 0..3 {
        assert!(matches!(store.commit(&large), Err(StoreError::Full(_))));
        assert_eq!(store.heads("shop").unwrap().position, 2);
        assert_eq!(store.row("shop", "orders", 3).unwrap(), None);
        assert!(store.has_room(), "a little still fits");
    }
    store.limit_pages(1_000_000).unwrap();
    store.commit(&large).unwrap();
    assert_eq!(store.heads("shop").unwrap().position, 3);
    assert_eq!(store.history("shop", "Order", 3).unwrap().len(), 1);
}

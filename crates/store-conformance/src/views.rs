//! What is indexed changes from one version of a program to the next.

use kernel::Indexed;
use runtime::store::{Filter, Row, Store};

use crate::{
    Open, PromiseOfPlace,
    shop::{self, batch, place, row},
};

pub const PROMISES: &[PromiseOfPlace] = &[
    ("a field that is indexed later must be filled", a_field_indexed_later_must_be_filled),
    (
        "a field that was not indexed for a while must be filled again",
        a_field_forgotten_for_a_while,
    ),
    ("a view that comes later must be filled", a_view_that_comes_later_must_be_filled),
];

fn a_field_indexed_later_must_be_filled(open: Open<'_>) {
    let earlier = open(shop::layout_without_customers());
    assert_eq!(earlier.stale_views("shop").unwrap(), Vec::<&str>::new());
    let written = (1..=2).map(|number| without_customer(number, 1)).collect();
    earlier.commit(&batch(|it| it.rows = written)).unwrap();
    drop(earlier);

    for _ in 0..2 {
        let store = open(shop::layout());
        assert_eq!(store.stale_views("shop").unwrap(), ["orders"], "until it is filled");
        assert_eq!(count(&*store, Indexed::Nothing), 2);
    }
    let store = open(shop::layout());
    let filled = (1..=2).map(|number| with_customer(number, 1, "kim")).collect();
    store.commit(&batch(|it| it.rows = filled)).unwrap();
    store.refreshed("shop", "orders").unwrap();
    assert_eq!(store.stale_views("shop").unwrap(), Vec::<&str>::new());
    assert_eq!((count(&*store, Indexed::Nothing), count(&*store, "kim".into())), (0, 2));
    assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), 2);
    drop(store);
    assert_eq!(open(shop::layout()).stale_views("shop").unwrap(), Vec::<&str>::new());
}

fn a_field_forgotten_for_a_while(open: Open<'_>) {
    let store = open(shop::layout());
    store.commit(&batch(|it| it.rows = vec![with_customer(1, 1, "kim")])).unwrap();
    drop(store);
    let store = open(shop::layout_without_customers());
    store.commit(&batch(|it| it.rows = vec![without_customer(1, 2)])).unwrap();
    assert_eq!(store.stale_views("shop").unwrap(), Vec::<&str>::new());
    drop(store);
    assert_eq!(open(shop::layout()).stale_views("shop").unwrap(), ["orders"]);
}

fn a_view_that_comes_later_must_be_filled(open: Open<'_>) {
    let mut layout = shop::layout();
    layout.contexts[0].views.clear();
    let store = open(layout);
    store
        .commit(&batch(|it| {
            it.events.push(shop::placed(1, 1));
            it.things.push(shop::order(1, 1, 1));
        }))
        .unwrap();
    drop(store);
    let store = open(shop::layout());
    assert_eq!(store.stale_views("shop").unwrap(), ["orders"]);
    place(&*store, 2..=2);
}

fn without_customer(number: u64, version: u64) -> Row {
    Row { indexed: vec!["placed".into()], ..row(number, version, "placed") }
}

fn with_customer(number: u64, version: u64, customer: &str) -> Row {
    Row { indexed: vec!["placed".into(), customer.into()], ..row(number, version, "placed") }
}

fn count(store: &dyn Store, customer: Indexed) -> u64 {
    store.count_rows("shop", "orders", &[Filter { field: "customer", is: customer }]).unwrap()
}

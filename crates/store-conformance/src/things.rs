//! Aggregates in their present state.

use std::sync::Arc;

use kernel::Case;
use runtime::store::{Store, StoreError, Thing};

use crate::{
    Promise,
    shop::{batch, bytes, event, order, paid, place, placed},
};

pub const PROMISES: &[Promise] = &[
    ("a thing is read as it was written", a_thing_is_read_as_it_was_written),
    ("many events of one thing share a commit", many_events_of_one_thing_share_a_commit),
    ("who decides about an older state is told so", who_decides_about_an_older_state),
    ("a thing cannot begin twice", a_thing_cannot_begin_twice),
    ("a state can be written anew with no event", a_state_can_be_written_anew),
    ("a name is any text", a_name_is_any_text),
    ("a thing is found by its name", a_thing_is_found_by_its_name),
    ("a name is given once", a_name_is_given_once),
];

fn a_thing_is_read_as_it_was_written(store: &dyn Store) {
    let case = Case { kind: "Bill", number: u64::MAX >> 1 };
    let state = bytes(&"긴 상태 ".repeat(10_000));
    let thing = Thing { case, state, ..order(1, 1, 1) };
    let placing = batch(|it| {
        it.events.push(placed(1, 1));
        it.things.push(thing.clone());
    });
    store.commit(&placing).unwrap();
    assert_eq!(store.thing("shop", "Order", 1).unwrap(), Some(thing));
    assert_eq!(store.thing("shop", "Order", 2).unwrap(), None);
    assert_eq!(store.thing("shop", "Order", u64::MAX).unwrap(), None);
    assert_eq!(store.thing("shop", "Part", 1).unwrap(), None);
}

fn many_events_of_one_thing_share_a_commit(store: &dyn Store) {
    let many = batch(|it| {
        it.events = vec![placed(1, 1), placed(2, 2), paid(3, 1, 2), paid(4, 1, 3)];
        it.things = vec![order(1, 3, 4), order(2, 1, 2)];
    });
    store.commit(&many).unwrap();
    assert_eq!(store.thing("shop", "Order", 1).unwrap(), Some(order(1, 3, 4)));
}

fn who_decides_about_an_older_state(store: &dyn Store) {
    place(store, 1..=1);
    let paying = |version| {
        batch(|it| {
            it.events.push(paid(2, 1, version));
            it.things.push(order(1, version, 2));
        })
    };
    for version in [1, 3] {
        let conflict = store.commit(&paying(version)).unwrap_err();
        assert!(matches!(&conflict, StoreError::Conflict(what) if what == "Order 1"), "{conflict}");
    }
    store.commit(&paying(2)).unwrap();
}

fn a_thing_cannot_begin_twice(store: &dyn Store) {
    place(store, 1..=1);
    let again = batch(|it| {
        it.events.push(placed(2, 1));
        it.things.push(order(1, 1, 2));
    });
    assert!(matches!(store.commit(&again), Err(StoreError::Conflict(_))));
}

fn a_state_can_be_written_anew(store: &dyn Store) {
    place(store, 1..=1);
    let again = Thing { state: bytes("{\"anew\":true}"), ..order(1, 1, 1) };
    // Together with something that happened to another one.
    let next = batch(|it| {
        it.events.push(placed(2, 2));
        it.things = vec![again.clone(), order(2, 1, 2)];
    });
    store.commit(&next).unwrap();
    assert_eq!(store.thing("shop", "Order", 1).unwrap(), Some(again));
}

fn a_name_is_any_text(store: &dyn Store) {
    let names = ["", " ", "a\0b", "가\u{10ffff}", &"길다 ".repeat(5_000), "'\"\\%_"];
    for (number, name) in (1..).zip(names) {
        commit_part(store, number, number, name).unwrap();
    }
    for (number, name) in (1..).zip(names) {
        let found = store.thing_named("shop", "Part", name).unwrap().unwrap();
        assert_eq!((found.number, found.name.as_deref()), (number, Some(name)));
    }
}

fn a_thing_is_found_by_its_name(store: &dyn Store) {
    commit_part(store, 1, 1, "pump \"4711\"").unwrap();
    commit_part(store, 2, 2, "밸브").unwrap();

    let found = store.thing_named("shop", "Part", "밸브").unwrap().unwrap();
    assert_eq!((found.number, found.name.as_deref()), (2, Some("밸브")));
    let found = store.thing_named("shop", "Part", "pump \"4711\"").unwrap().unwrap();
    assert_eq!(store.thing("shop", "Part", 1).unwrap(), Some(found));
    assert_eq!(store.thing_named("shop", "Part", "PUMP").unwrap(), None);
    assert_eq!(store.thing_named("shop", "Order", "밸브").unwrap(), None);
}

fn a_name_is_given_once(store: &dyn Store) {
    commit_part(store, 1, 1, "pump").unwrap();
    let conflict = commit_part(store, 2, 2, "pump").unwrap_err();
    assert!(matches!(&conflict, StoreError::Conflict(what) if what == "Part pump"), "{conflict}");
    commit_part(store, 2, 2, "valve").unwrap();
}

fn commit_part(
    store: &dyn Store,
    position: u64,
    number: u64,
    name: &str,
) -> Result<(), StoreError> {
    let name = Some(Arc::from(name));
    store.commit(&batch(|it| {
        it.events.push(event("OrderPlaced", position, ("Part", number), 1, "PlaceOrder"));
        it.things.push(Thing { kind: "Part", name, ..order(number, 1, position) });
    }))
}

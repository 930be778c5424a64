//! A view and its shadow: nobody sees the one for the other, and they change
//! places at once. A store without shadows has nothing to keep here.

use kernel::Time;
use runtime::store::{
    Filter, Progress, Query, Row, Shadows, Shown, Sort, Start, Store, StoreError,
};

use crate::{
    Open, Promise, PromiseOfPlace,
    shop::{self, batch, row},
};

pub const PROMISES: &[Promise] = &[
    ("a shadow is empty, and nobody is shown it", a_shadow_is_shown_to_nobody),
    ("a shadow that is made again is empty again", a_shadow_that_is_made_again),
    ("a view and its shadow change places", a_view_and_its_shadow_change_places),
    ("they change places again and again", they_change_places_again_and_again),
    ("what was switched takes commits", what_was_switched_takes_commits),
    ("a shadow with many rows is removed bit by bit", a_shadow_is_removed_bit_by_bit),
    ("a switch is one commit with its mark", a_switch_is_one_commit_with_its_mark),
    ("without a shadow nothing is switched", without_a_shadow_nothing_is_switched),
];

pub const LASTING: &[PromiseOfPlace] = &[
    ("what was switched is there when it is opened again", what_was_switched_lasts),
    ("a shadow does not outlive its process", a_shadow_does_not_outlive_its_process),
];

const VIEW: &str = "orders";

fn a_shadow_is_shown_to_nobody(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    write(store, vec![row(1, 3, "placed"), row(2, 1, "paid")]);
    shadows.make("shop", VIEW).unwrap();
    assert_eq!(shadows.rows("shop", VIEW, 0, 10).unwrap(), []);
    assert_eq!(shadows.row("shop", VIEW, 1).unwrap(), None);

    shadows.write("shop", &[row(1, 7, "paid"), row(5, 1, "paid")]).unwrap();
    assert_eq!(numbers(&shadows.rows("shop", VIEW, 0, 10).unwrap()), [1, 5]);
    assert_eq!(numbers(&shadows.rows("shop", VIEW, 1, 10).unwrap()), [5]);
    assert_eq!(numbers(&shadows.rows("shop", VIEW, 0, 1).unwrap()), [1]);
    assert_eq!(shadows.row("shop", VIEW, 1).unwrap().unwrap().version, 7);
    assert_eq!(store.row("shop", VIEW, 1).unwrap().unwrap().version, 3);
    assert_eq!(found(store, "paid"), [2]);
    assert_eq!(store.count_rows("shop", VIEW, &[]).unwrap(), 2);
}

fn a_shadow_that_is_made_again(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    shadows.make("shop", VIEW).unwrap();
    shadows.write("shop", &[row(1, 1, "placed")]).unwrap();
    shadows.write("shop", &[row(1, 2, "paid")]).unwrap();
    assert_eq!(shadows.row("shop", VIEW, 1).unwrap().unwrap().version, 2);
    shadows.make("shop", VIEW).unwrap();
    assert_eq!(shadows.rows("shop", VIEW, 0, 10).unwrap(), []);
}

fn a_view_and_its_shadow_change_places(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    write(store, vec![row(1, 1, "placed"), row(2, 1, "placed"), row(9, 1, "placed")]);
    shadows.make("shop", VIEW).unwrap();
    shadows.write("shop", &[row(1, 2, "paid"), row(2, 1, "placed")]).unwrap();
    switch(shadows, 1).unwrap();
    assert_eq!((found(store, "placed"), found(store, "paid")), (vec![2], vec![1]));
    assert_eq!(store.count_rows("shop", VIEW, &[]).unwrap(), 2);
    assert_eq!(store.row("shop", VIEW, 9).unwrap(), None);
    assert_eq!(numbers(&shadows.rows("shop", VIEW, 0, 10).unwrap()), [1, 2, 9]);
    gone(shadows);
    assert!(shadows.rows("shop", VIEW, 0, 10).is_err());
    assert_eq!(found(store, "placed"), [2]);
}

fn they_change_places_again_and_again(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    for version in 1..=5 {
        shadows.make("shop", VIEW).unwrap();
        shadows
            .write("shop", &[row(1, version, "placed"), row(100 + version, version, "new")])
            .unwrap();
        switch(shadows, version).unwrap();
        gone(shadows);
        assert_eq!(store.row("shop", VIEW, 1).unwrap().unwrap().version, version);
        assert_eq!(found(store, "new"), [100 + version]);
    }
    assert_eq!(store.count_rows("shop", VIEW, &[]).unwrap(), 2);
}

fn what_was_switched_takes_commits(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    write(store, vec![row(1, 1, "placed")]);
    shadows.make("shop", VIEW).unwrap();
    shadows.write("shop", &[row(1, 2, "placed"), row(2, 1, "placed")]).unwrap();
    switch(shadows, 1).unwrap();
    write(store, vec![row(2, 2, "paid"), row(3, 1, "placed")]);
    assert_eq!((found(store, "placed"), found(store, "paid")), (vec![1, 3], vec![2]));
    assert_eq!(store.count_rows("shop", VIEW, &[]).unwrap(), 3);
    assert_eq!(shadows.row("shop", VIEW, 3).unwrap(), None);
}

fn a_shadow_is_removed_bit_by_bit(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    shadows.make("shop", VIEW).unwrap();
    for from in (1..10_000).step_by(1_000) {
        let rows: Vec<_> = (from..from + 1_000).map(|number| row(number, 1, "placed")).collect();
        shadows.write("shop", &rows).unwrap();
    }
    gone(shadows);
    assert!(shadows.remove("shop", VIEW).unwrap());
    assert_eq!(store.count_rows("shop", VIEW, &[]).unwrap(), 0);
}

fn a_switch_is_one_commit_with_its_mark(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    write(store, vec![row(1, 1, "placed")]);
    shadows.make("shop", VIEW).unwrap();
    shadows.write("shop", &[row(1, 2, "paid")]).unwrap();
    switch(shadows, 1).unwrap();
    let marks = store.progress("shop").unwrap();
    assert_eq!(
        marks.iter().map(|it| (&*it.subscription, it.done)).collect::<Vec<_>>(),
        [("all of orders", 1)]
    );
    assert!(matches!(switch(shadows, 1), Err(StoreError::Fenced(_))), "the same mark again");
    assert_eq!(found(store, "paid"), [1], "nothing has been switched back");
}

fn without_a_shadow_nothing_is_switched(store: &dyn Store) {
    let Some(shadows) = store.shadows() else { return };
    write(store, vec![row(1, 1, "placed")]);
    assert!(switch(shadows, 1).is_err());
    assert!(shadows.write("shop", &[row(1, 1, "paid")]).is_err());
    write(store, vec![row(2, 1, "placed")]);
    assert_eq!(found(store, "placed"), [1, 2], "and nothing is broken");
}

fn what_was_switched_lasts(open: Open<'_>) {
    let store = open(shop::layout());
    let Some(shadows) = store.shadows() else { return };
    write(&*store, vec![row(1, 1, "placed"), row(2, 1, "placed")]);
    shadows.make("shop", VIEW).unwrap();
    shadows.write("shop", &[row(1, 2, "paid")]).unwrap();
    switch(shadows, 1).unwrap();
    drop(store);
    let store = open(shop::layout());
    assert_eq!(found(&*store, "paid"), [1]);
    assert_eq!(store.count_rows("shop", VIEW, &[]).unwrap(), 1);
    assert_eq!(store.stale_views("shop").unwrap(), Vec::<&str>::new());
}

fn a_shadow_does_not_outlive_its_process(open: Open<'_>) {
    let store = open(shop::layout());
    let Some(shadows) = store.shadows() else { return };
    write(&*store, vec![row(1, 1, "placed")]);
    shadows.make("shop", VIEW).unwrap();
    shadows.write("shop", &[row(1, 2, "paid")]).unwrap();
    drop(store);
    let store = open(shop::layout());
    assert!(store.shadows().is_some_and(|it| it.rows("shop", VIEW, 0, 1).is_err()));
    assert_eq!(found(&*store, "placed"), [1]);
}

/// The `time`th switch: its mark says what the one before said, and goes one on.
fn switch(shadows: &dyn Shadows, time: u64) -> Result<(), StoreError> {
    let mark = Progress {
        subscription: "all of orders".into(),
        source: "shop",
        position: time,
        before: time - 1,
        done: time,
        refused: 0,
        abandoned: 0,
        owner: "writer".into(),
        epoch: 1,
        until: Time(i64::MAX),
    };
    shadows.switch("shop", VIEW, &mark)
}

fn gone(shadows: &dyn Shadows) {
    for _ in 0..100 {
        if shadows.remove("shop", VIEW).unwrap() {
            return;
        }
    }
    panic!("it never goes");
}

fn found(store: &dyn Store, status: &str) -> Vec<u64> {
    let filters = vec![Filter { field: "status", is: status.into() }];
    let query = Query { filters, sort: Sort::default(), start: Start::Skip(0), size: 100 };
    numbers(&store.rows("shop", VIEW, &query).unwrap())
}

fn numbers(rows: &[Shown]) -> Vec<u64> {
    rows.iter().map(|row| row.number).collect()
}

fn write(store: &dyn Store, rows: Vec<Row>) {
    store.commit(&batch(|it| it.rows = rows)).unwrap();
}

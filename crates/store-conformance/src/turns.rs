//! Taking turns at writing, as one alone sees it.

use runtime::store::{Batch, Changes, Store, StoreError, Turn};

use crate::{
    Promise,
    shop::{batch, order, paid, place, placing, row},
};

pub const PROMISES: &[Promise] = &[
    ("a turn says where each context stands", a_turn_says_where_each_context_stands),
    ("a turn that is given back has written nothing", a_turn_given_back_has_written_nothing),
    ("a turn ends with its commit, however that ends", a_turn_ends_with_its_commit),
    ("every commit that changes anything counts one", every_commit_counts_one),
    ("who reads in a turn sees what is committed", who_reads_in_a_turn_sees_what_is_committed),
];

fn a_turn_says_where_each_context_stands(store: &dyn Store) {
    assert_turns(store, &["shop", "billing"], &[(0, 0), (0, 0)]);
    place(store, 1..=3);
    assert_turns(store, &["shop", "billing"], &[(3, 3), (0, 0)]);
    assert_turns(store, &["billing", "shop"], &[(0, 0), (3, 3)]);
    assert_turns(store, &["shop"], &[(3, 3)]);
    assert_turns(store, &[], &[]);
    if store.is_shared() {
        assert!(store.begin(&["elsewhere"]).is_err());
    }
    assert_turns(store, &["shop"], &[(3, 3)]);
}

fn a_turn_given_back_has_written_nothing(store: &dyn Store) {
    store.leave();
    place(store, 1..=1);
    for _ in 0..3 {
        store.begin(&["shop", "billing"]).unwrap();
        store.leave();
        store.leave();
    }
    assert_turns(store, &["shop"], &[(1, 1)]);
    place(store, 2..=2);
    assert_eq!(store.heads("shop").unwrap().position, 2);
}

fn a_turn_ends_with_its_commit(store: &dyn Store) {
    store.begin(&["billing", "shop"]).unwrap();
    store.commit(&placing(1)).unwrap();
    store.begin(&["shop"]).unwrap();
    assert!(matches!(store.commit(&placing(1)), Err(StoreError::Conflict(_))));
    assert_turns(store, &["shop", "billing"], &[(1, 1), (0, 0)]);
    store.begin(&["shop"]).unwrap();
    store.commit(&Batch::default()).unwrap();
    assert_turns(store, &["shop"], &[(1, 1)]);
    store.begin(&["shop"]).unwrap();
    store.commit(&placing(2)).unwrap();
    assert_turns(store, &["shop"], &[(2, 2)]);
}

fn every_commit_counts_one(store: &dyn Store) {
    place(store, 1..=1);
    let paying = batch(|it| {
        it.events = vec![paid(2, 1, 2), paid(3, 1, 3)];
        it.things.push(order(1, 3, 3));
    });
    store.commit(&paying).unwrap();
    assert_turns(store, &["shop", "billing"], &[(3, 2), (0, 0)]);
    // A row alone is a change too, and what comes to nothing is none.
    store.commit(&batch(|it| it.rows = vec![row(1, 2, "paid")])).unwrap();
    store.commit(&batch(|_| ())).unwrap();
    store.commit(&Batch::default()).unwrap();
    store.commit(&placing(9)).unwrap_err();
    assert_turns(store, &["shop", "billing"], &[(3, 3), (0, 0)]);

    let mut both = batch(|it| it.rows = vec![row(1, 3, "sent")]);
    let mut billing = Changes::of("billing");
    billing.rows = vec![runtime::store::Row { view: "log", indexed: Vec::new(), ..row(1, 1, 0) }];
    both.changes.push(billing);
    store.commit(&both).unwrap();
    assert_turns(store, &["shop", "billing"], &[(3, 4), (0, 1)]);
}

fn who_reads_in_a_turn_sees_what_is_committed(store: &dyn Store) {
    place(store, 1..=1);
    store.begin(&["shop"]).unwrap();
    std::thread::scope(|scope| {
        let elsewhere = scope.spawn(|| store.heads("shop").unwrap().position);
        assert_eq!(elsewhere.join().unwrap(), 1);
    });
    assert_eq!(store.events("shop", 0, 9).unwrap().len(), 1);
    store.commit(&placing(2)).unwrap();
    assert_eq!(store.events("shop", 0, 9).unwrap().len(), 2);
}

/// Where nobody else writes there is nothing to say.
fn assert_turns(store: &dyn Store, contexts: &[&'static str], expected: &[(u64, u64)]) {
    let turns = store.begin(contexts).unwrap();
    store.leave();
    let expected = expected.iter().map(|&(position, revision)| Turn { position, revision });
    let expected = expected.filter(|_| store.is_shared()).collect::<Vec<_>>();
    assert_eq!(turns, expected, "{contexts:?}");
}

//! One batch is one commit.

use kernel::{Event, Record, Time};
use runtime::store::{Answer, Batch, Changes, Heads, Progress, Store, StoreError};

use crate::{
    Promise,
    shop::{batch, bytes, event, order, paid, place, placed, placing, row},
};

pub const PROMISES: &[Promise] = &[
    ("a new store is empty", a_new_store_is_empty),
    ("the heads follow the commits", the_heads_follow_the_commits),
    ("a commit with nothing in it is fine", a_commit_with_nothing_in_it_is_fine),
    ("nothing of a failed batch is there", nothing_of_a_failed_batch_is_there),
    ("after a failed batch the next one succeeds", after_a_failed_batch_the_next_succeeds),
    ("a position follows the one before", a_position_follows_the_one_before),
    ("contexts keep apart", contexts_keep_apart),
    ("what is not declared is not there", what_is_not_declared_is_not_there),
];

fn a_new_store_is_empty(store: &dyn Store) {
    assert_eq!(store.heads("shop").unwrap(), Heads::default());
    assert_eq!(store.thing("shop", "Order", 1).unwrap(), None);
    assert_eq!(store.row("shop", "orders", 1).unwrap(), None);
    assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), 0);
    assert!(store.events("shop", 0, 10).unwrap().is_empty());
    assert!(store.history("shop", "Order", 1).unwrap().is_empty());
    assert!(store.progress("shop").unwrap().is_empty());
}

fn the_heads_follow_the_commits(store: &dyn Store) {
    place(store, 1..=3);
    let paying = batch(|it| {
        it.events = vec![paid(4, 2, 2), paid(5, 3, 2)];
        it.tallies = vec![("OrderPaid", 2)];
        it.things = vec![order(2, 2, 4), order(3, 2, 5)];
    });
    store.commit(&paying).unwrap();

    let heads = store.heads("shop").unwrap();
    assert_eq!(heads.position, 5);
    assert_eq!(heads.numbers, [("Order", 3)]);
    assert_eq!(heads.tallies, [("OrderPaid", 2), ("OrderPlaced", 3)]);
}

fn a_commit_with_nothing_in_it_is_fine(store: &dyn Store) {
    store.commit(&Batch::default()).unwrap();
    store.commit(&batch(|_| ())).unwrap();
    assert_eq!(store.heads("shop").unwrap(), Heads::default());
}

fn nothing_of_a_failed_batch_is_there(store: &dyn Store) {
    place(store, 1..=1);
    let before = store.heads("shop").unwrap();
    for failing in [fenced(), stale()] {
        let changes = vec![everything(), failing];
        let failure = store.commit(&Batch { changes }).unwrap_err();
        assert!(matches!(failure, StoreError::Fenced(_) | StoreError::Conflict(_)), "{failure}");

        assert_eq!(store.heads("shop").unwrap(), before);
        assert_eq!(store.heads("billing").unwrap(), Heads::default());
        assert_eq!(store.events("shop", 1, 10).unwrap().len(), 0);
        assert_eq!(store.thing("shop", "Order", 2).unwrap(), None);
        assert_eq!(store.row("shop", "orders", 2).unwrap(), None);
        assert_eq!(store.row("shop", "orders", 1).unwrap().unwrap().version, 1);
        assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), 1);
        assert_eq!(store.answer("shop", 9).unwrap(), None);
        assert_eq!(store.progress("shop").unwrap(), []);
    }
}

fn after_a_failed_batch_the_next_succeeds(store: &dyn Store) {
    store.commit(&Batch { changes: vec![everything_first(), fenced()] }).unwrap_err();
    store.commit(&Batch { changes: vec![everything_first()] }).unwrap();
    assert_eq!(store.events("shop", 0, 10).unwrap()[0].name, "OrderPlaced");
    assert_eq!(&*store.progress("shop").unwrap()[0].subscription, "a new word");
}

fn a_position_follows_the_one_before(store: &dyn Store) {
    place(store, 1..=2);
    for position in [1, 2, 4] {
        let wrong = batch(|it| {
            it.events.push(placed(position, 3));
            it.things.push(order(3, 1, position));
        });
        let conflict = store.commit(&wrong).unwrap_err();
        assert!(matches!(conflict, StoreError::Conflict(_)), "{conflict}");
    }
    store.commit(&placing(3)).unwrap();
}

fn contexts_keep_apart(store: &dyn Store) {
    place(store, 1..=2);
    let mut billing = Changes::of("billing");
    let paid = event("OrderPaid", 1, ("Bill", 1), 1, "PayOrder");
    let record = Record { context: "billing", ..Record::clone(&paid) };
    billing.events = vec![Event::stored(paid.name, 1, paid.body, record)];
    billing.things = vec![runtime::store::Thing { kind: "Bill", ..order(1, 1, 1) }];
    billing.tallies = vec![("OrderPaid", 1)];
    store.commit(&Batch { changes: vec![billing] }).unwrap();

    assert_eq!(store.heads("billing").unwrap().position, 1);
    assert_eq!(store.heads("shop").unwrap().position, 2);
    assert_eq!(store.events("billing", 0, 9).unwrap()[0].context, "billing");
    assert_eq!(store.history("billing", "Bill", 1).unwrap().len(), 1);
}

fn what_is_not_declared_is_not_there(store: &dyn Store) {
    assert!(store.heads("elsewhere").is_err());
    assert!(store.events("elsewhere", 0, 1).is_err());
    let elsewhere = Changes { context: "elsewhere", ..placing(1).changes.remove(0) };
    let batch = Batch { changes: vec![placing(1).changes.remove(0), elsewhere] };
    store.commit(&batch).unwrap_err();
    assert_eq!(store.heads("shop").unwrap().position, 0);
}

/// A second order, with all that can come with it.
fn everything() -> Changes {
    let mut changes = placing(2).changes.remove(0);
    changes.rows.push(row(1, 2, "changed"));
    changes.answers.push(Answer { scope: 9, body: 9, at: Time(0), said: bytes("yes") });
    changes.progress.push(progress("a new word", 0));
    changes
}

fn everything_first() -> Changes {
    let mut changes = placing(1).changes.remove(0);
    changes.progress.push(progress("a new word", 0));
    changes
}

fn fenced() -> Changes {
    let mut changes = Changes::of("billing");
    changes.progress.push(progress("elsewhere by now", 3));
    changes
}

fn stale() -> Changes {
    let mut changes = Changes::of("billing");
    changes.events.push(event("OrderPaid", 1, ("Bill", 1), 4, "PayOrder"));
    changes.things.push(runtime::store::Thing { kind: "Bill", ..order(1, 4, 1) });
    changes
}

fn progress(subscription: &str, before: u64) -> Progress {
    Progress {
        subscription: subscription.into(),
        source: "shop",
        position: before + 1,
        before,
        done: 1,
        refused: 0,
        abandoned: 0,
        owner: "me".into(),
        epoch: 1,
        until: Time(0),
    }
}

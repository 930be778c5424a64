//! Several have the same database open, and each of them writes.

use std::{sync::Arc, thread};

use kernel::Time;
use runtime::store::{Progress, Store, StoreError, Turn};

use crate::{
    Open, PromiseOfPlace,
    shop::{self, batch, place, placing, positions},
};

pub const PROMISES: &[PromiseOfPlace] = &[
    ("what one commits the other sees", what_one_commits_the_other_sees),
    ("who decided about an older state is told so", who_decided_about_an_older_state),
    ("while one has its turn the other waits", while_one_has_its_turn_the_other_waits),
    ("two that write in turns leave no gaps", two_that_write_in_turns_leave_no_gaps),
    ("contexts are waited for in no particular order", contexts_in_no_particular_order),
    ("an owner that was replaced is fenced", an_owner_that_was_replaced_is_fenced),
    ("several can open a new place at once", several_can_open_a_new_place_at_once),
];

fn what_one_commits_the_other_sees(open: Open<'_>) {
    let (one, other) = (open(shop::layout()), open(shop::layout()));
    assert!(one.is_shared() && other.is_shared());
    place(&*one, 1..=2);
    assert_eq!(other.heads("shop").unwrap().position, 2);
    place(&*other, 3..=3);
    assert_eq!(positions(&one.events("shop", 0, 9).unwrap()), [1, 2, 3]);
    assert_eq!(one.begin(&["shop"]).unwrap(), [Turn { position: 3, revision: 3 }]);
    one.leave();
}

fn who_decided_about_an_older_state(open: Open<'_>) {
    let (one, other) = (open(shop::layout()), open(shop::layout()));
    place(&*one, 1..=1);
    assert!(matches!(other.commit(&placing(1)), Err(StoreError::Conflict(_))));
    place(&*other, 2..=2);
}

fn while_one_has_its_turn_the_other_waits(open: Open<'_>) {
    let (one, other) = (open(shop::layout()), open(shop::layout()));
    for number in 1..=5 {
        one.begin(&["shop"]).unwrap();
        thread::scope(|scope| {
            let waits = scope.spawn(|| other.begin(&["shop"]).unwrap());
            one.commit(&placing(number)).unwrap();
            let turn = Turn { position: number, revision: number };
            assert_eq!(waits.join().unwrap(), [turn], "it did not wait");
        });
        other.leave();
    }
}

fn two_that_write_in_turns_leave_no_gaps(open: Open<'_>) {
    const EACH: u64 = 40;
    let stores = [open(shop::layout()), open(shop::layout())];
    thread::scope(|scope| {
        for store in &stores {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let turn = store.begin(&["shop"]).unwrap()[0];
                    assert_eq!(turn.position, turn.revision);
                    store.commit(&placing(turn.position + 1)).unwrap();
                }
            });
        }
    });
    let [one, other] = stores;
    let events = positions(&one.events("shop", 0, 1000).unwrap());
    assert_eq!(events, (1..=2 * EACH).collect::<Vec<_>>());
    assert_eq!(other.heads("shop").unwrap().position, 2 * EACH);
    assert_eq!(other.count_rows("shop", "orders", &[]).unwrap(), 2 * EACH);
}

fn contexts_in_no_particular_order(open: Open<'_>) {
    let (one, other) = (open(shop::layout()), open(shop::layout()));
    thread::scope(|scope| {
        for (store, contexts) in [(&one, ["shop", "billing"]), (&other, ["billing", "shop"])] {
            scope.spawn(move || {
                for _ in 0..50 {
                    store.begin(&contexts).unwrap();
                    store.leave();
                }
            });
        }
    });
}

fn an_owner_that_was_replaced_is_fenced(open: Open<'_>) {
    let (one, other) = (open(shop::layout()), open(shop::layout()));
    let commit = |store: &Arc<dyn Store>, owner: &str, epoch, before, position| {
        let progress = Progress {
            subscription: "X -> Y".into(),
            source: "shop",
            position,
            before,
            done: position,
            refused: 0,
            abandoned: 0,
            owner: owner.into(),
            epoch,
            until: Time(7),
        };
        store.commit(&batch(|it| it.progress.push(progress)))
    };
    commit(&one, "one", 1, 0, 3).unwrap();
    commit(&other, "other", 2, 3, 3).unwrap();
    assert!(matches!(commit(&one, "one", 1, 3, 4), Err(StoreError::Fenced(_))));
    assert!(matches!(commit(&one, "one", 2, 3, 4), Err(StoreError::Fenced(_))));
    commit(&other, "other", 2, 3, 4).unwrap();
    assert_eq!(&*one.progress("shop").unwrap()[0].owner, "other");
    commit(&one, "one", 3, 4, 4).unwrap();
    assert!(matches!(commit(&other, "other", 2, 4, 5), Err(StoreError::Fenced(_))));
}

fn several_can_open_a_new_place_at_once(open: Open<'_>) {
    let stores = thread::scope(|scope| {
        let opening = [(); 4].map(|()| scope.spawn(|| open(shop::layout())));
        opening.map(|it| it.join().unwrap())
    });
    for (number, store) in (1..).zip(&stores) {
        place(&**store, number..=number);
    }
    assert_eq!(stores[0].heads("shop").unwrap().position, 4);
}

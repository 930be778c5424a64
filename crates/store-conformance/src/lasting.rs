//! What is there when a store is opened again: written first, then looked at.

use kernel::{Case, Time};
use runtime::store::{
    Answer, Delivery, DeliveryChange, DeliveryKey, Progress, Stage, Store, Thing,
};

use crate::{
    Open, PromiseOfPlace,
    shop::{self, batch, bytes, event, order, paid, place, placing, positions},
};

pub const PROMISES: &[PromiseOfPlace] = &[
    ("what was written is there when it is opened again", what_was_written_is_there_again),
    ("a command that is not given any more is still told", a_command_of_long_ago_is_told),
    ("a context that is elsewhere now is in nobody's way", a_context_that_is_elsewhere_now),
];

fn what_was_written_is_there_again(open: Open<'_>) {
    write(&*open(shop::layout()));
    check(&*open(shop::layout()));
}

fn a_command_of_long_ago_is_told(open: Open<'_>) {
    write(&*open(shop::layout()));
    let store = open(shop::layout_without_paying());
    let events = store.events("shop", 0, 3).unwrap();
    assert_eq!(events[2].cause.command, "PayOrder");
}

fn a_context_that_is_elsewhere_now(open: Open<'_>) {
    write(&*open(shop::layout()));
    let mut layout = shop::layout();
    layout.contexts.remove(0);
    let store = open(layout);
    assert_eq!(store.heads("billing").unwrap().position, 0);
    assert!(store.heads("shop").is_err());
}

/// A bit of everything.
pub fn write(store: &dyn Store) {
    place(store, 1..=2);
    store
        .commit(&batch(|it| {
            it.events = vec![paid(3, 1, 2), event("OrderPlaced", 4, ("Part", 1), 1, "PlaceOrder")];
            it.tallies = vec![("OrderPaid", 1), ("OrderPlaced", 3)];
            it.things = vec![order(1, 2, 3), part()];
            it.answers.push(answer());
            it.progress.push(progress());
            it.deliveries.push(DeliveryChange::Put(delivery()));
        }))
        .unwrap();
}

/// All of it is there, and it goes on from there.
pub fn check(store: &dyn Store) {
    let heads = store.heads("shop").unwrap();
    assert_eq!(heads.position, 4);
    assert_eq!(heads.numbers, [("Order", 2), ("Part", 1)]);
    assert_eq!(heads.tallies, [("OrderPaid", 1), ("OrderPlaced", 3)]);
    assert_eq!(positions(&store.history("shop", "Order", 1).unwrap()), [1, 3]);
    assert_eq!(store.thing_named("shop", "Part", "pump").unwrap(), Some(part()));
    assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), 2);
    assert_eq!(store.answer("shop", 1).unwrap(), Some(answer()));
    assert_eq!(store.progress("shop").unwrap()[0].position, 4);
    assert_eq!(store.deliveries("shop", None, None, 9).unwrap(), [delivery()]);

    store.commit(&placing(2)).unwrap_err();
    store.commit(&batch(|it| it.progress.push(progress()))).unwrap_err();
    store
        .commit(&batch(|it| {
            it.events.push(paid(5, 2, 2));
            it.things.push(order(2, 2, 5));
        }))
        .unwrap();
    assert_eq!(positions(&store.history("shop", "Order", 2).unwrap()), [2, 5]);
}

fn part() -> Thing {
    Thing { kind: "Part", name: Some("pump".into()), ..order(1, 1, 4) }
}

fn answer() -> Answer {
    Answer { scope: 1, body: 2, at: Time(3), said: bytes("yes") }
}

fn progress() -> Progress {
    Progress {
        subscription: "X -> Y".into(),
        source: "shop",
        position: 4,
        before: 0,
        done: 4,
        refused: 0,
        abandoned: 0,
        owner: "me".into(),
        epoch: 1,
        until: Time(7),
    }
}

fn delivery() -> Delivery {
    Delivery {
        key: DeliveryKey { subscription: "X -> Y".into(), source: "shop", position: 2 },
        case: Case { kind: "Order", number: 2 },
        stage: Stage::Parked,
        attempts: 0,
        since: Time(3),
        reason: None,
        ended: 0,
    }
}

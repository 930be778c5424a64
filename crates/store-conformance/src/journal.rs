//! What has happened, read again.

use kernel::{Actor, Case, Cause, Event, Record, Subject, Time};
use runtime::store::{Store, Thing};

use crate::{
    Promise,
    shop::{batch, bytes, event, order, paid, place, placed, positions, told},
};

pub const PROMISES: &[Promise] = &[
    ("an event is read as it was written", an_event_is_read_as_it_was_written),
    ("events come in order from a position on", events_come_in_order_from_a_position_on),
    ("a case is followed through its kinds", a_case_is_followed),
    ("a history is whole and in order", a_history_is_whole_and_in_order),
    ("events are counted by name", events_are_counted_by_name),
];

fn an_event_is_read_as_it_was_written(store: &dyn Store) {
    let name = Some("pump\0".into());
    let record = Record {
        context: "shop",
        position: 1,
        of: Subject { kind: "Part", number: 7, name },
        version: 1,
        at: Time(-1),
        by: Actor::new("a\0b", "직원"),
        case: Case { kind: "Bill", number: 9 },
        cause: Cause { command: "PayOrder", event: Some(("billing", 44)) },
        trace: Some("00-abc-def-01\0".into()),
    };
    let full = Event::stored("OrderPaid", 3, bytes(&"x".repeat(100_000)), record);
    let bare = placed(2, 1);
    let both = batch(|it| {
        it.events = vec![full.clone(), bare.clone()];
        it.things = vec![order(1, 1, 2), Thing { kind: "Part", ..order(7, 1, 1) }];
    });
    store.commit(&both).unwrap();
    assert_eq!(told(&store.events("shop", 0, 10).unwrap()), told(&[full, bare]));
}

fn events_come_in_order_from_a_position_on(store: &dyn Store) {
    place(store, 1..=5);
    let after = |after, limit| positions(&store.events("shop", after, limit).unwrap());
    assert_eq!(after(0, usize::MAX), [1, 2, 3, 4, 5]);
    assert_eq!(after(1, 3), [2, 3, 4]);
    assert_eq!(after(4, 10), [5]);
    assert_eq!(after(0, 0), [0; 0]);
    assert_eq!(after(5, 10), [0; 0]);
    assert_eq!(after(u64::MAX, 10), [0; 0]);
}

fn a_case_is_followed(store: &dyn Store) {
    place(store, 1..=2);
    let in_case = |event: Event, case: Case| {
        let record = Record { case, ..Record::clone(&event) };
        Event::stored(event.name, event.schema, event.body, record)
    };
    let (order_1, part_1) = (Case { kind: "Order", number: 1 }, Case { kind: "Part", number: 1 });
    let more = batch(|it| {
        it.events = vec![
            in_case(paid(3, 2, 2), order_1),
            in_case(event("OrderPlaced", 4, ("Part", 1), 1, "PlaceOrder"), part_1),
            paid(5, 1, 2),
        ];
        let part = Thing { kind: "Part", ..order(1, 1, 4) };
        it.things = vec![order(2, 2, 3), part, order(1, 2, 5)];
    });
    store.commit(&more).unwrap();

    let of =
        |case, after, limit| positions(&store.events_of_case("shop", case, after, limit).unwrap());
    assert_eq!(of(order_1, 0, 10), [1, 3, 5]);
    assert_eq!(of(order_1, 1, 1), [3]);
    assert_eq!(of(part_1, 0, 10), [4]);
    assert_eq!(of(Case { kind: "Bill", number: 1 }, 0, 10), [0; 0]);
}

fn a_history_is_whole_and_in_order(store: &dyn Store) {
    place(store, 1..=2);
    let paying = |first: u64, version: u64| {
        batch(|it| {
            it.events = vec![
                paid(first, 1, version),
                paid(first + 1, 2, version),
                paid(first + 2, 1, version + 1),
                paid(first + 3, 2, version + 1),
            ];
            it.things = vec![order(1, version + 1, first + 2), order(2, version + 1, first + 3)];
        })
    };
    store.commit(&paying(3, 2)).unwrap();
    store.commit(&paying(7, 4)).unwrap();

    let history = store.history("shop", "Order", 1).unwrap();
    assert_eq!(positions(&history), [1, 3, 5, 7, 9]);
    assert_eq!(history.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(positions(&store.history("shop", "Order", 2).unwrap()), [2, 4, 6, 8, 10]);
    assert!(store.history("shop", "Part", 1).unwrap().is_empty());
}

fn events_are_counted_by_name(store: &dyn Store) {
    place(store, 1..=3);
    let paying = batch(|it| {
        it.events.push(paid(4, 1, 2));
        it.things.push(order(1, 2, 4));
    });
    store.commit(&paying).unwrap();
    let count = |after, names: &[&'static str]| store.count_after("shop", after, names).unwrap();
    assert_eq!(count(0, &["OrderPlaced"]), 3);
    assert_eq!(count(1, &["OrderPlaced", "OrderPaid"]), 3);
    assert_eq!(count(4, &["OrderPlaced", "OrderPaid"]), 0);
    assert_eq!(count(0, &["never heard of"]), 0);
    assert_eq!(count(0, &[]), 0);
}

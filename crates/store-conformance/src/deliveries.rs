//! Deliveries that took a path of their own.

use kernel::{Case, Sentence, Time};
use runtime::store::{Delivery, DeliveryChange, DeliveryKey, Stage, Store};

use crate::{Promise, shop::batch};

pub const PROMISES: &[Promise] = &[
    ("a delivery is read as it was written", a_delivery_is_read_as_it_was_written),
    ("a delivery waits, fails, is parked and is done", a_delivery_goes_its_way),
    ("deliveries come by subscription and position", deliveries_come_in_order),
    ("what is due first is tried first", what_is_due_first_is_tried_first),
    ("deliveries that hold up others are counted", deliveries_are_counted),
];

fn a_delivery_is_read_as_it_was_written(store: &dyn Store) {
    let stages = [
        Stage::Waiting { due: Time(5) },
        Stage::Failed { due: Time(-5) },
        Stage::Parked,
        Stage::Refused,
        Stage::Abandoned,
    ];
    let all = (1..).zip(stages).map(|(position, stage)| Delivery {
        reason: (position > 1).then(|| Sentence::new("안 돼요\0", "it does not work")),
        attempts: 3,
        ended: 2,
        ..delivery("X -> Y", position, stage)
    });
    let all = all.collect::<Vec<_>>();
    put(store, &all);

    assert_eq!(store.deliveries("shop", None, None, 10).unwrap(), all);
    for it in all {
        assert_eq!(store.delivery("shop", &it.key).unwrap().as_ref(), Some(&it));
        let elsewhere = DeliveryKey { source: "billing", ..it.key.clone() };
        assert_eq!(store.delivery("shop", &elsewhere).unwrap(), None);
        let found = store.deliveries("shop", Some("X -> Y"), Some(it.stage.name()), 10).unwrap();
        assert_eq!(found, [it]);
    }
    assert_eq!(store.deliveries("shop", None, Some("no such stage"), 10).unwrap(), []);
    assert_eq!(store.deliveries("billing", None, None, 10).unwrap(), []);
}

fn a_delivery_goes_its_way(store: &dyn Store) {
    let waiting = delivery("X -> Y", 1, Stage::Waiting { due: Time(5) });
    let failed = Delivery { stage: Stage::Failed { due: Time(9) }, attempts: 1, ..waiting.clone() };
    let parked = Delivery { stage: Stage::Parked, attempts: 2, ..waiting.clone() };
    for it in [waiting, failed, parked] {
        put(store, std::slice::from_ref(&it));
        assert_eq!(store.deliveries("shop", None, None, 10).unwrap(), [it]);
    }
    let key = delivery("X -> Y", 1, Stage::Parked).key;
    let again = delivery("X -> Y", 1, Stage::Refused);
    let changes = vec![
        DeliveryChange::Done(key.clone()),
        DeliveryChange::Put(again),
        DeliveryChange::Done(key),
    ];
    store.commit(&batch(|it| it.deliveries = changes)).unwrap();
    assert_eq!(store.deliveries("shop", None, None, 10).unwrap(), []);
}

fn deliveries_come_in_order(store: &dyn Store) {
    let of = |subscription, position| delivery(subscription, position, Stage::Parked);
    put(store, &[of("b", 9), of("b", 2), of("c", 1), of("a", 7)]);
    put(store, &[Delivery { stage: Stage::Refused, ..of("a", 3) }]);

    let list = |subscription, stage, limit| {
        let found = store.deliveries("shop", subscription, stage, limit).unwrap();
        let found = found.iter().map(|it| format!("{}{}", it.key.subscription, it.key.position));
        found.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(list(None, None, 10), "a3 a7 b2 b9 c1");
    assert_eq!(list(None, None, 3), "a3 a7 b2");
    assert_eq!(list(None, Some("parked"), 2), "a7 b2");
    assert_eq!(list(Some("b"), None, 10), "b2 b9");
    assert_eq!(list(Some("a"), Some("refused"), 10), "a3");
    assert_eq!(list(Some("z"), None, 10), "");
}

fn what_is_due_first_is_tried_first(store: &dyn Store) {
    let due = |position, due| delivery("a", position, Stage::Failed { due: Time(due) });
    let waiting = delivery("a", 4, Stage::Waiting { due: Time(15) });
    let other = delivery("b", 1, Stage::Waiting { due: Time(1) });
    put(store, &[due(1, 30), due(2, 10), due(3, 20), waiting, other]);
    put(store, &[delivery("a", 5, Stage::Parked), due(6, 10)]);

    let list = |until, limit| {
        let found = store.due("shop", "a", Time(until), limit).unwrap();
        found.iter().map(|it| it.key.position).collect::<Vec<_>>()
    };
    assert_eq!(list(i64::MAX, 10), [2, 6, 4, 3, 1]);
    assert_eq!(list(20, 10), [2, 6, 4, 3]);
    assert_eq!(list(20, 1), [2]);
    assert_eq!(list(9, 10), [0; 0]);
}

fn deliveries_are_counted(store: &dyn Store) {
    let waiting = |position| delivery("a", position, Stage::Waiting { due: Time(1) });
    let elsewhere = DeliveryKey { source: "billing", ..waiting(1).key };
    let elsewhere = Delivery { key: elsewhere, ..waiting(1) };
    put(store, &[waiting(1), waiting(2), delivery("a", 3, Stage::Parked), elsewhere]);

    let mut counts = store.count_deliveries("shop", "a", "shop").unwrap();
    counts.sort_unstable();
    assert_eq!(counts, [("parked", 1), ("waiting", 2)]);
    assert_eq!(store.count_deliveries("shop", "a", "billing").unwrap(), [("waiting", 1)]);
    assert_eq!(store.count_deliveries("shop", "b", "shop").unwrap(), []);
}

fn put(store: &dyn Store, deliveries: &[Delivery]) {
    let changes = deliveries.iter().cloned().map(DeliveryChange::Put).collect();
    store.commit(&batch(|it| it.deliveries = changes)).unwrap();
}

fn delivery(subscription: &str, position: u64, stage: Stage) -> Delivery {
    Delivery {
        key: DeliveryKey { subscription: subscription.into(), source: "shop", position },
        case: Case { kind: "Order", number: position },
        stage,
        attempts: 0,
        since: Time(3),
        reason: None,
        ended: 0,
    }
}

//! What operators did about deliveries.

use kernel::{Actor, Case, Sentence, Time};
use runtime::store::{Act, Deed, Delivery, DeliveryChange, DeliveryKey, Stage, Store};

use super::{Promise, shop::batch};

pub const PROMISES: &[Promise] = &[
    ("an act is read as it was written", an_act_is_read_as_it_was_written),
    ("acts come with the newest first", acts_come_with_the_newest_first),
    ("an act and what it changes are one", an_act_and_what_it_changes_are_one),
];

fn an_act_is_read_as_it_was_written(store: &dyn Store) {
    let (replay, abandon) = (act(3, Deed::Replay), act(3, Deed::Abandon));
    let stages = [Stage::Failed { due: Time(-5) }, Stage::Waiting { due: Time(9) }, Stage::Parked];
    for stage in stages {
        let found = Delivery { stage, ..replay.found.clone() };
        let act = Act { found, ..replay.clone() };
        record(store, &act);
        assert_eq!(store.acts("shop", None, 1).unwrap(), [act]);
    }
    let bare = Delivery { reason: None, attempts: 0, ended: 0, ..abandon.found.clone() };
    let bare = Act { why: "".into(), found: bare, ..abandon };
    record(store, &bare);
    assert_eq!(store.acts("shop", None, 1).unwrap(), [bare]);
}

fn acts_come_with_the_newest_first(store: &dyn Store) {
    for (position, deed) in [(3, Deed::Replay), (4, Deed::Replay), (3, Deed::Abandon)] {
        record(store, &act(position, deed));
    }
    let list = |about: Option<&DeliveryKey>, limit| {
        let acts = store.acts("shop", about, limit).unwrap();
        let acts = acts.iter().map(|it| format!("{}{}", it.deed.name(), it.found.key.position));
        acts.collect::<Vec<_>>().join(" ")
    };
    let key = act(3, Deed::Replay).found.key;
    assert_eq!(list(None, 10), "abandon3 replay4 replay3");
    assert_eq!(list(None, 2), "abandon3 replay4");
    assert_eq!(list(Some(&key), 10), "abandon3 replay3");
    assert_eq!(list(Some(&key), 1), "abandon3");
    assert_eq!(list(Some(&DeliveryKey { source: "billing", ..key.clone() }), 10), "");
    assert_eq!(list(Some(&DeliveryKey { subscription: "z".into(), ..key }), 10), "");
    assert_eq!(store.acts("billing", None, 10).unwrap(), []);
}

fn an_act_and_what_it_changes_are_one(store: &dyn Store) {
    let act = act(3, Deed::Abandon);
    let changed = Delivery { stage: Stage::Abandoned, ..act.found.clone() };
    let mut both = batch(|it| {
        it.deliveries.push(DeliveryChange::Put(changed.clone()));
        it.acts.push(act.clone());
        it.events.push(super::shop::paid(9, 1, 1)); // there is no such position
    });
    store.commit(&both).unwrap_err();
    assert_eq!(store.acts("shop", None, 10).unwrap(), []);
    assert_eq!(store.delivery("shop", &act.found.key).unwrap(), None);

    both.changes.iter_mut().for_each(|it| it.events.clear());
    store.commit(&both).unwrap();
    assert_eq!(store.delivery("shop", &act.found.key).unwrap(), Some(changed));
    assert_eq!(store.acts("shop", Some(&act.found.key), 10).unwrap(), [act]);
}

fn record(store: &dyn Store, act: &Act) {
    store.commit(&batch(|it| it.acts.push(act.clone()))).unwrap();
}

fn act(position: u64, deed: Deed) -> Act {
    Act {
        at: Time(7),
        by: Actor::new("권나래", "operator"),
        deed,
        why: "부품이 왔어요".into(),
        found: Delivery {
            key: DeliveryKey { subscription: "X -> Y".into(), source: "shop", position },
            case: Case { kind: "Order", number: 2 },
            stage: Stage::Parked,
            attempts: 5,
            since: Time(3),
            reason: Some(Sentence::new("안 돼요", "it does not work")),
            ended: 1,
        },
    }
}

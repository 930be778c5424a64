//! How far a subscription is, and who may say so.

use kernel::Time;
use runtime::store::{Progress, Store, StoreError};

use crate::{Promise, shop::batch};

pub const PROMISES: &[Promise] = &[
    ("progress is read as it was written", progress_is_read_as_it_was_written),
    ("only from where it stands does it move on", only_from_where_it_stands),
    ("whoever takes the lease fences the one before", whoever_takes_the_lease),
];

fn progress_is_read_as_it_was_written(store: &dyn Store) {
    let one = Progress { source: "billing", ..at(0, 3, 1) };
    let other = Progress { refused: 2, abandoned: 1, until: Time(99), ..at(0, 8, 1) };
    let early = Progress { subscription: "A -> B".into(), ..at(0, 1, 1) };
    let all = vec![other.clone(), one.clone(), early.clone()];
    store.commit(&batch(|it| it.progress = all)).unwrap();

    // What stood there before is nobody's business any more.
    let now = |it: Progress| Progress { before: it.position, ..it };
    let read = store.progress("shop").unwrap().into_iter().map(now).collect::<Vec<_>>();
    assert_eq!(read, [now(early), now(one), now(other)]);
}

fn only_from_where_it_stands(store: &dyn Store) {
    commit(store, at(0, 5, 1)).unwrap();
    for before in [0, 4, 6] {
        let fenced = commit(store, at(before, 9, 1)).unwrap_err();
        assert!(matches!(&fenced, StoreError::Fenced(what) if what == "X -> Y"), "{fenced}");
    }
    commit(store, at(5, 9, 1)).unwrap();
    assert_eq!(store.progress("shop").unwrap()[0].position, 9);
}

fn whoever_takes_the_lease(store: &dyn Store) {
    commit(store, at(0, 5, 1)).unwrap();
    commit(store, Progress { owner: "you".into(), ..at(5, 5, 2) }).unwrap();

    for epoch in [1, 2, 4] {
        assert!(matches!(commit(store, at(5, 6, epoch)), Err(StoreError::Fenced(_))), "{epoch}");
    }
    commit(store, Progress { owner: "you".into(), ..at(5, 6, 2) }).unwrap();
    assert_eq!(&*store.progress("shop").unwrap()[0].owner, "you");
}

fn commit(store: &dyn Store, progress: Progress) -> Result<(), StoreError> {
    store.commit(&batch(|it| it.progress.push(progress)))
}

fn at(before: u64, position: u64, epoch: u64) -> Progress {
    Progress {
        subscription: "X -> Y".into(),
        source: "shop",
        position,
        before,
        done: position,
        refused: 0,
        abandoned: 0,
        owner: "me".into(),
        epoch,
        until: Time(7),
    }
}

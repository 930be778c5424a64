//! The database is out of reach for a while.

use std::{
    thread,
    time::{Duration, Instant},
};

use runtime::store::{Store, StoreError};

use crate::shop::{place, placing};

/// How a database is taken away and given back.
pub trait Outage {
    /// Nothing gets through any more.
    fn cut(&mut self);

    /// It is there again.
    fn mend(&mut self);
}

/// Cuts a store that is empty off from its database and looks at what its
/// callers are told, how soon (`patience`), and that it finds back by itself
/// within `recovery`.
pub fn check_outage(
    store: &dyn Store,
    outage: &mut dyn Outage,
    patience: Duration,
    recovery: Duration,
) {
    place(store, 1..=2);
    let mut next = 3;
    for _ in 0..2 {
        outage.cut();
        let commit = soon(patience, || store.commit(&placing(next)));
        assert!(is_out_of_reach(commit.as_ref().unwrap_err()), "{commit:?}");
        assert_away(&soon(patience, || store.heads("shop")));
        assert_away(&soon(patience, || store.events("shop", 0, 9)));
        assert_away(&soon(patience, || store.row("shop", "orders", 1)));
        if store.is_shared() {
            assert_away(&soon(patience, || store.begin(&["shop"])));
            store.leave();
            // Whoever could not even begin has certainly changed nothing.
            assert_away(&soon(patience, || store.commit(&placing(next))));
        }
        outage.mend();

        let position = wait_for(recovery, store);
        let is_there = position == next;
        assert!(is_there || position == next - 1, "{position}");
        assert!(!is_there || matches!(commit, Err(StoreError::Unknown(_))), "{commit:?}");
        // All of it or nothing.
        assert_eq!(store.thing("shop", "Order", next).unwrap().is_some(), is_there);
        assert_eq!(store.row("shop", "orders", next).unwrap().is_some(), is_there);
        next = position + 1;
        place(store, next..=next);
        next += 1;
    }
}

fn soon<T>(patience: Duration, call: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = call();
    let took = begun.elapsed();
    assert!(took <= patience, "it took {took:?}");
    result
}

fn wait_for(recovery: Duration, store: &dyn Store) -> u64 {
    let begun = Instant::now();
    loop {
        match store.heads("shop") {
            Ok(heads) => return heads.position,
            Err(error) if begun.elapsed() > recovery => panic!("still away: {error}"),
            Err(_) => thread::yield_now(),
        }
    }
}

fn assert_away<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Away(_))), "{result:?}");
}

fn is_out_of_reach(error: &StoreError) -> bool {
    matches!(error, StoreError::Away(_) | StoreError::Unknown(_))
}

//! The server dies in the midst of commits.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use kernel::Time;
use postgres_for_tests::Server;
use runtime::store::{Answer, Batch, Store, StoreError};
use store_conformance::shop::{self, bytes, placing, positions};
use store_postgres::PostgresStore;

use crate::patient;

/// How a commit ended, as far as its caller knows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Done,
    Nothing,
    Unknown,
}

#[test]
fn what_was_acknowledged_is_there_and_what_is_unknown_is_whole_or_not_there() {
    let Some(server) = Server::own() else { return };
    let url = server.fresh_database();
    let store = PostgresStore::open(&url, shop::layout(), &patient()).unwrap();
    let mut key = 0;
    for round in 1..=4 {
        let done = AtomicU64::new(0);
        let told = thread::scope(|scope| {
            let writing = scope.spawn(|| write_until_it_fails(&store, key, &done));
            wait_for(|| done.load(Ordering::Relaxed) >= round * 7);
            server.crash();
            writing.join().unwrap()
        });
        server.start_again();
        wait_for(|| store.heads("shop").is_ok());
        for told in told {
            key += 1;
            let answer = store.answer("shop", key.into()).unwrap();
            match told {
                Told::Done => assert!(answer.is_some(), "{key} was acknowledged and is lost"),
                Told::Nothing => assert!(answer.is_none(), "{key} was taken back and is there"),
                Told::Unknown => {}
            }
            let Some(answer) = answer else { continue };
            // The answer says which order it was: all of it is there.
            let number = std::str::from_utf8(&answer.said).unwrap().parse().unwrap();
            assert!(store.thing("shop", "Order", number).unwrap().is_some());
            assert!(store.row("shop", "orders", number).unwrap().is_some());
            assert_eq!(positions(&store.history("shop", "Order", number).unwrap()), [number]);
        }
        let position = store.heads("shop").unwrap().position;
        let events = positions(&store.events("shop", 0, usize::MAX).unwrap());
        assert_eq!(events, (1..=position).collect::<Vec<_>>());
        assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), position);
    }
}

/// Each commit under a key of its own, counted on from the last one.
fn write_until_it_fails(store: &PostgresStore, last: u64, done: &AtomicU64) -> Vec<Told> {
    let mut all = Vec::new();
    for key in last + 1.. {
        let written = store.begin(&["shop"]).and_then(|turns| {
            let number = turns[0].position + 1;
            store.commit(&ordering(number, key))
        });
        all.push(match written {
            Ok(()) => Told::Done,
            Err(StoreError::Away(_)) => Told::Nothing,
            Err(StoreError::Unknown(_)) => Told::Unknown,
            Err(error) => panic!("{error:?}"),
        });
        if all.last() != Some(&Told::Done) {
            break;
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    all
}

fn ordering(number: u64, key: u64) -> Batch {
    let mut batch = placing(number);
    let said = bytes(&number.to_string());
    batch.changes[0].answers.push(Answer { scope: key.into(), body: 0, at: Time(1), said });
    batch
}

fn wait_for(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        thread::yield_now();
    }
}

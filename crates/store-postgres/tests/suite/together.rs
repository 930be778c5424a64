//! Many callers, several processes, one database.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use kernel::Time;
use postgres_for_tests::Server;
use runtime::store::{Answer, Batch, Store, StoreError};
use store_conformance::shop::{self, batch, bytes, place, placing, positions};
use store_postgres::{Options, PostgresStore};

use crate::{open, patient};

#[test]
fn whoever_was_slower_without_a_turn_tries_again() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let stores = [open(&url, shop::layout()), open(&url, shop::layout())];
    thread::scope(|scope| {
        for store in &stores {
            scope.spawn(|| {
                for _ in 0..25 {
                    while let Err(error) = next(store).and_then(|it| store.commit(&it)) {
                        assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
                    }
                }
            });
        }
    });
    let events = positions(&stores[0].events("shop", 0, usize::MAX).unwrap());
    assert_eq!(events, (1..=50).collect::<Vec<_>>());
}

/// There is one thread for tasks. If it waited for the turn, nobody could give it up.
#[test]
fn while_one_task_waits_the_others_go_on() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let (one, other) = (Arc::new(open(&url, shop::layout())), open(&url, shop::layout()));
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    other.begin(&["shop"]).unwrap();
    tokio.block_on(async {
        let (begins, begun) = tokio::sync::oneshot::channel();
        let waiting = tokio::spawn(async move {
            begins.send(()).unwrap();
            one.begin(&["shop"]).map(|_| ())
        });
        let leaving = tokio::spawn(async move {
            begun.await.unwrap();
            other.leave();
        });
        leaving.await.unwrap();
        waiting.await.unwrap().unwrap();
    });
}

#[test]
fn who_never_ends_its_turn_loses_it() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let options = Options { turn: Duration::from_millis(200), ..patient() };
    let one = PostgresStore::open(&url, shop::layout(), &options).unwrap();
    let other = PostgresStore::open(&url, shop::layout(), &options).unwrap();
    one.begin(&["shop"]).unwrap();
    other.begin(&["shop"]).unwrap();
    other.commit(&placing(1)).unwrap();
    let late = one.commit(&placing(1)).unwrap_err();
    assert!(matches!(late, StoreError::Away(_)), "{late:?}");
    place(&one, 2..=2);
}

#[test]
fn who_waits_too_long_for_its_turn_is_told_so() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let one = open(&url, shop::layout());
    let other = PostgresStore::open(&url, shop::layout(), &Options::default()).unwrap();
    one.begin(&["shop"]).unwrap();
    let begun = Instant::now();
    assert!(matches!(other.begin(&["shop"]), Err(StoreError::Away(_))));
    assert!(matches!(other.commit(&placing(1)), Err(StoreError::Away(_))));
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert_eq!(other.heads("shop").unwrap().position, 0, "who reads waits for nobody");
    one.commit(&placing(1)).unwrap();
    place(&other, 2..=2);
}

#[test]
fn when_too_many_wait_more_are_turned_away_at_once() {
    let Some(server) = Server::own() else { return };
    let url = server.fresh_database();
    let options = Options { readers: 2, waiting: 3, ..Options::default() };
    let store = PostgresStore::open(&url, shop::layout(), &options).unwrap();
    store.heads("shop").unwrap();
    server.pause();
    let took = thread::scope(|scope| {
        let asking = [(); 12].map(|()| {
            scope.spawn(|| {
                let begun = Instant::now();
                assert!(matches!(store.heads("shop"), Err(StoreError::Away(_))));
                begun.elapsed()
            })
        });
        asking.map(|it| it.join().unwrap())
    });
    server.resume();
    let at_once = took.iter().filter(|it| **it < options.deadline / 2).count();
    assert!((1..=10).contains(&at_once), "{took:?}");
    assert!(took.iter().all(|it| *it < options.deadline * 2), "{took:?}");
}

#[test]
fn old_answers_are_removed_in_small_steps() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.fresh_database(), shop::layout());
    let answer = |at: i64| Answer {
        scope: at.unsigned_abs().into(),
        body: 0,
        at: Time(at),
        said: bytes("yes"),
    };
    store.commit(&batch(|it| it.answers = (1..=10).map(answer).collect())).unwrap();
    assert_eq!(store.purge_answers(Time(6), 3).unwrap(), 3);
    assert_eq!(store.purge_answers(Time(6), 3).unwrap(), 2);
    assert_eq!(store.purge_answers(Time(6), 3).unwrap(), 0);
    let left = (1..=10).filter(|it| store.answer("shop", *it).unwrap().is_some());
    assert_eq!(left.collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
}

#[test]
fn an_operator_sees_whose_connections_they_are() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let store = open(&url, shop::layout());
    store.heads("shop").unwrap();
    let ours = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'madang'";
    assert_eq!(Server::ask(&url, ours).unwrap(), [[Some("2".to_owned())]]);
}

fn next(store: &PostgresStore) -> Result<Batch, StoreError> {
    Ok(placing(store.heads("shop")?.position + 1))
}

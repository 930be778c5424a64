//! The store in a file.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::Time;
use runtime::store::{Answer, Layout, Store};
use rusqlite::Connection;
use store_conformance::shop::{self, batch, bytes, place, placing};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

#[test]
fn every_promise_is_kept_in_a_file() {
    store_conformance::check(|| TempDir::new().unwrap(), shared);
}

#[test]
fn what_is_kept_is_there_when_it_is_opened_again() {
    store_conformance::check_lasting(|| TempDir::new().unwrap(), shared);
}

#[test]
fn a_closed_database_is_one_file() {
    let folder = TempDir::new().unwrap();
    place(&open(folder.path()), 1..=3);
    assert!(folder.path().join("it.db").exists());
    assert!(!folder.path().join("it.db-wal").exists());
    assert!(!folder.path().join("it.db-shm").exists());
}

#[test]
fn somebody_who_reads_for_long_does_not_hold_up_a_commit() {
    let folder = TempDir::new().unwrap();
    let store = open_with(folder.path(), &eager());
    place(&store, 1..=1);
    let reader = Connection::open(folder.path().join("it.db")).unwrap();
    let count = "SELECT count(*) FROM \"shop/journal\"";
    reader.execute_batch("BEGIN").unwrap();
    let seen = |reader: &Connection| reader.query_one(count, [], |row| row.get::<_, u64>(0));
    assert_eq!(seen(&reader), Ok(1));

    place(&store, 2..=60);
    assert_eq!(seen(&reader), Ok(1));
    assert_eq!(store.heads("shop").unwrap().position, 60);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(seen(&reader), Ok(60));
}

#[test]
fn the_log_begins_anew_while_commits_go_on() {
    let folder = TempDir::new().unwrap();
    let store = open_with(folder.path(), &eager());
    // Every commit writes more than one page.
    for number in 1..20_000 {
        store.commit(&placing(number)).unwrap();
        if number > 100 && store.log_bytes() < number * 4096 {
            return;
        }
    }
    panic!("the log has {} bytes and still grows", store.log_bytes());
}

#[test]
fn the_log_is_emptied_when_nobody_writes() {
    let folder = TempDir::new().unwrap();
    let options = Options { idle: Duration::from_millis(1), ..Options::default() };
    let store = open_with(folder.path(), &options);
    for number in 1..=2 {
        place(&store, number..=number);
        let begun = Instant::now();
        while store.log_bytes() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(10), "the log is still there");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_read_that_takes_too_long_is_broken_off() {
    let folder = TempDir::new().unwrap();
    let options = Options { read_deadline: Duration::ZERO, ..Options::default() };
    let store = open_with(folder.path(), &options);
    let rows = (1..=20_000).map(|number| shop::row(number, 1, "open")).collect();
    store.commit(&batch(|it| it.rows = rows)).unwrap();
    let open = runtime::store::Filter { field: "status", is: "open".into() };
    assert!(store.count_rows("shop", "orders", &[open]).is_err());
    assert!(store.row("shop", "orders", 1).is_ok());
    store.commit(&placing(1)).unwrap();
}

#[test]
fn old_answers_are_removed_in_small_steps() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
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

fn shared(folder: &TempDir, layout: Layout) -> Arc<dyn Store> {
    let path = folder.path().join("it.db");
    Arc::new(SqliteStore::open(&path, layout, &Options::default()).unwrap())
}

fn open(folder: &Path) -> SqliteStore {
    open_with(folder, &Options::default())
}

fn open_with(folder: &Path, options: &Options) -> SqliteStore {
    SqliteStore::open(&folder.join("it.db"), shop::layout(), options).unwrap()
}

/// Copies the log into the file as often as it can.
fn eager() -> Options {
    Options { checkpoint_pages: 20, restart_pages: 40, ..Options::default() }
}

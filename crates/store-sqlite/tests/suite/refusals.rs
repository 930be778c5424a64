//! What is not opened, and that it stays as it was.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use runtime::store::{Layout, Store, StoreError};
use rusqlite::Connection;
use store_conformance::shop::{self, batch, order, paid, place};
use store_sqlite::{OpenError, Options, SqliteStore};
use tempfile::TempDir;

#[test]
fn a_database_is_open_once() {
    let folder = TempDir::new().unwrap();
    let first = open(folder.path(), shop::layout()).unwrap();
    let error = open(folder.path(), shop::layout()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert_line(&error, folder.path(), "in use by another process");

    place(&first, 1..=2);
    drop(first);
    open(folder.path(), shop::layout()).unwrap();
}

#[test]
fn a_newer_database_stays_as_it_is() {
    let folder = written();
    let newer = Connection::open(folder.path().join("it.db")).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    newer.close().unwrap();
    let error = refused(folder.path(), shop::layout());
    assert!(matches!(error, OpenError::Newer { found: 7, known: 2, .. }), "{error}");
    assert_line(&error, folder.path(), "newer version of this program");
}

#[test]
fn what_is_not_a_database_stays_as_it_is() {
    let long = "This is not a database. ".repeat(500);
    for text in ["short", long.as_str()] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("it.db"), text).unwrap();
        let error = refused(folder.path(), shop::layout());
        assert_line(&error, folder.path(), "not a database of this program");
    }
}

#[test]
fn a_database_of_somebody_else_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let foreign = Connection::open(folder.path().join("it.db")).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (it); INSERT INTO theirs VALUES (1)").unwrap();
    foreign.close().unwrap();
    let error = refused(folder.path(), shop::layout());
    assert_line(&error, folder.path(), "it belongs to the application 0x00000000");
}

#[test]
fn a_damaged_database_stays_as_it_is() {
    let folder = written();
    let path = folder.path().join("it.db");
    let whole = fs::read(&path).unwrap();

    fs::write(&path, &whole[..whole.len() - 5000]).unwrap();
    assert_line(&refused(folder.path(), shop::layout()), folder.path(), "is damaged");

    let mut scratched = whole.clone();
    scratched[100..4096].fill(0xaa);
    fs::write(&path, scratched).unwrap();
    assert_line(&refused(folder.path(), shop::layout()), folder.path(), "is damaged");

    fs::write(&path, whole).unwrap();
    open(folder.path(), shop::layout()).unwrap();
}

#[test]
fn a_log_without_its_database_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("it.db-wal"), "a log").unwrap();
    assert_line(&refused(folder.path(), shop::layout()), folder.path(), "there is a log beside it");
}

#[test]
fn an_event_that_nobody_knows_stops_the_start() {
    let folder = written();
    let mut layout = shop::layout();
    layout.contexts[0].events.retain(|(name, _)| *name != "OrderPaid");
    let error = refused(folder.path(), layout);
    assert_line(&error, folder.path(), "the journal of shop holds OrderPaid");
}

#[test]
fn an_event_in_a_newer_shape_stops_the_start() {
    let folder = written();
    let mut layout = shop::layout();
    layout.contexts[0].events.iter_mut().for_each(|(_, version)| *version = 0);
    let error = refused(folder.path(), layout);
    assert!(matches!(error, OpenError::NewerEvent { found: 1, known: 0, .. }), "{error}");
    assert_line(&error, folder.path(), "version 1 of Order");
}

#[test]
fn a_context_that_is_elsewhere_now_is_no_reason_to_stop() {
    let folder = written();
    let mut layout = shop::layout();
    layout.contexts.remove(0);
    let store = open(folder.path(), layout).unwrap();
    assert_eq!(store.heads("billing").unwrap().position, 0);
}

#[test]
fn a_kind_that_nobody_knows_stops_the_start() {
    let folder = written();
    let mut layout = shop::layout();
    layout.contexts[0].kinds.retain(|kind| *kind != "Order");
    let error = refused(folder.path(), layout);
    assert_line(&error, folder.path(), "shop holds things of the kind Order");

    // A kind that there is nothing of is nobody's business.
    let mut layout = shop::layout();
    layout.contexts[0].kinds.retain(|kind| *kind != "Part");
    open(folder.path(), layout).unwrap();
}

#[test]
fn a_command_that_is_not_given_any_more_is_still_told() {
    let folder = written();
    let store = open(folder.path(), shop::layout_without_paying()).unwrap();
    let events = store.events("shop", 0, 3).unwrap();
    assert_eq!(events[2].cause.command, "PayOrder");
}

#[test]
fn an_event_that_nobody_has_counted_is_said_with_its_place() {
    let folder = written();
    let path = folder.path().join("it.db");
    let doctor = Connection::open(&path).unwrap();
    doctor.execute_batch("INSERT INTO word (text) VALUES ('OrderEaten')").unwrap();
    let doctored = "UPDATE \"shop/journal\" SET event = (SELECT max(id) FROM word)
                    WHERE position = 3";
    doctor.execute_batch(doctored).unwrap();
    doctor.close().unwrap();
    let store = open(folder.path(), shop::layout()).unwrap();
    assert_eq!(store.events("shop", 0, 2).unwrap().len(), 2);
    let error = store.events("shop", 0, 3).unwrap_err();
    let StoreError::Unreadable { what, source } = error else { panic!("{error}") };
    assert_eq!(what, "shop/journal at 3");
    assert_eq!(source.to_string(), "nobody knows OrderEaten");
}

#[test]
fn what_was_written_by_hand_is_read_as_it_stands() {
    let folder = written();
    let path = folder.path().join("it.db");
    let doctor = Connection::open(&path).unwrap();
    doctor
        .execute_batch(
            "UPDATE \"shop/view/orders\" SET row = '{\"by\":\"hand\"}' WHERE number = 1;
             UPDATE \"shop/view/orders\" SET row = 17 WHERE number = 2;
             UPDATE \"shop/thing/Order\" SET state = '{\"by\":\"hand\"}' WHERE number = 1;
             UPDATE \"shop/journal\" SET body = 'no JSON', actor = x'ff41' WHERE position = 1;",
        )
        .unwrap();
    doctor.close().unwrap();
    let store = open(folder.path(), shop::layout()).unwrap();
    let by_hand = shop::bytes(r#"{"by":"hand"}"#);
    assert_eq!(store.row("shop", "orders", 1).unwrap().unwrap().row, by_hand);
    assert_eq!(&*store.row("shop", "orders", 2).unwrap().unwrap().row, b"");
    assert_eq!(store.thing("shop", "Order", 1).unwrap().unwrap().state, by_hand);
    let events = store.events("shop", 0, 3).unwrap();
    assert_eq!((&*events[0].body, &*events[0].by.name), (&b"no JSON"[..], "\u{fffd}A"));
    assert_eq!(events.len(), 3, "and the others as ever");
}

#[test]
fn where_nobody_may_write_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "no folder").unwrap();
    let (nowhere, no_folder) = (folder.path().join("nowhere"), folder.path().join("file"));
    for folder in [nowhere, no_folder, PathBuf::from("/proc/self")] {
        let error = open(&folder, shop::layout()).unwrap_err();
        assert!(matches!(error, OpenError::CannotWrite { .. }), "{error}");
        assert_line(&error, &folder, "cannot be written to");
    }
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn a_folder_is_no_database() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("it.db")).unwrap();
    let error = open(folder.path(), shop::layout()).unwrap_err();
    assert_line(&error, folder.path(), "cannot be written to");
    assert!(!folder.path().join("it.db-lock").exists());
}

/// A database with three events, closed.
fn written() -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path(), shop::layout()).unwrap();
    place(&store, 1..=2);
    let paying = batch(|it| {
        it.events.push(paid(3, 1, 2));
        it.tallies.push(("OrderPaid", 1));
        it.things.push(order(1, 2, 3));
    });
    store.commit(&paying).unwrap();
    drop(store);
    fs::remove_file(folder.path().join("it.db-lock")).unwrap();
    folder
}

fn refused(folder: &Path, layout: Layout) -> OpenError {
    let before = contents(folder);
    let error = open(folder, layout).unwrap_err();
    assert!(contents(folder) == before, "{error}, and something has changed");
    error
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn assert_line(error: &OpenError, folder: &Path, part: &str) {
    let line = error.to_string();
    assert!(line.contains(part), "{line}");
    assert!(line.contains(&folder.join("it.db").display().to_string()), "{line}");
    assert!(!line.contains('\n') && !line.contains("  "), "{line}");
}

fn open(folder: &Path, layout: Layout) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&folder.join("it.db"), layout, &Options::default())
}

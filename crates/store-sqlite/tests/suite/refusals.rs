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
    assert!(matches!(error, OpenError::Newer { found: 7, known: 1, .. }), "{error}");
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
fn a_name_that_nobody_knows_is_said_with_its_place() {
    let folder = written();
    let store = open(folder.path(), shop::layout_without_paying()).unwrap();
    assert_eq!(store.events("shop", 0, 2).unwrap().len(), 2);
    let error = store.events("shop", 0, 3).unwrap_err();
    let StoreError::Unreadable { what, source } = error else { panic!("{error}") };
    assert_eq!(what, "shop/journal at 3");
    assert_eq!(source.to_string(), "nobody knows PayOrder");
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

//! The process dies and leaves behind whatever is on the disk.

use std::{fs, path::Path, time::Duration};

use runtime::store::Store;
use store_conformance::{
    find_again,
    shop::{self, place},
    write_a_bit_of_everything,
};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

#[test]
fn what_was_committed_is_there_after_the_process_has_died() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    write_a_bit_of_everything(&store);

    let remains = remains(folder.path());
    find_again(&open(remains.path()));
}

#[test]
fn it_can_die_before_anything_was_written() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let remains = remains(folder.path());
    write_a_bit_of_everything(&open(remains.path()));
    drop(store);
}

#[test]
fn a_draft_that_was_left_behind_is_in_nobodys_way() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("it.db-new"), "half a database").unwrap();
    write_a_bit_of_everything(&open(folder.path()));
    assert!(!folder.path().join("it.db-new").exists());
}

#[test]
fn a_log_with_a_torn_end_holds_the_commits_before() {
    after_a_spoilt_log(Vec::truncate);
}

#[test]
fn a_log_with_a_flipped_bit_holds_the_commits_before() {
    after_a_spoilt_log(|log, at| log[at] ^= 1 << (at % 8));
}

/// Whatever is done to the log, what is left is what the first so many commits wrote.
fn after_a_spoilt_log(spoil: fn(&mut Vec<u8>, usize)) {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    place(&store, 1..=12);
    let whole = fs::read(folder.path().join("it.db-wal")).unwrap();

    for step in 0..60 {
        let remains = remains(folder.path());
        let mut log = whole.clone();
        // A step that shares nothing with the size of a page.
        spoil(&mut log, step * 7919 % whole.len());
        fs::write(remains.path().join("it.db-wal"), log).unwrap();

        let left = open(remains.path());
        let position = left.heads("shop").unwrap().position;
        assert!(position <= 12);
        assert_eq!(left.events("shop", 0, 100).unwrap().len() as u64, position);
        assert_eq!(left.count_rows("shop", "orders", &[]).unwrap(), position);
        for number in 1..=12 {
            let is_there = left.thing("shop", "Order", number).unwrap().is_some();
            assert_eq!(is_there, number <= position);
        }
        place(&left, position + 1..=position + 2);
    }
}

/// A copy of what a process that died now would leave behind.
fn remains(folder: &Path) -> TempDir {
    let remains = TempDir::new().unwrap();
    for name in ["it.db", "it.db-wal", "it.db-lock"] {
        fs::copy(folder.join(name), remains.path().join(name)).unwrap();
    }
    remains
}

/// Nothing is copied from the log into the file.
fn open(folder: &Path) -> SqliteStore {
    let (checkpoint_pages, restart_pages, idle) = (u32::MAX, u32::MAX, Duration::MAX);
    let options = Options { checkpoint_pages, restart_pages, idle, ..Options::default() };
    SqliteStore::open(&folder.join("it.db"), shop::layout(), &options).unwrap()
}

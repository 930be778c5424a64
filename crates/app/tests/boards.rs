//! The boards are checked in. A board that changed is redrawn and the test
//! fails once: look at the difference, and commit it if that is what you meant.

use std::{fs, path::Path};

use app::systems;
use kernel::Board;

#[test]
fn the_boards_are_as_agreed() {
    let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../boards");
    let mut redrawn = Vec::new();
    for system in systems() {
        let file = boards.join(system.folder).with_extension("txt");
        let board = Board::of(&system).to_string();
        if fs::read_to_string(&file).ok().as_ref() != Some(&board) {
            fs::write(&file, board).unwrap();
            redrawn.push(system.folder);
        }
    }
    assert!(redrawn.is_empty(), "a contract has changed; see `git diff boards`: {redrawn:?}");
}

#[test]
fn there_are_no_loose_ends() {
    for system in systems() {
        let ends = Board::of(&system).loose_ends();
        assert_eq!(ends, Vec::<String>::new(), "{}", system.folder);
    }
}

#[test]
fn every_event_is_told_in_korean_too() {
    for system in systems() {
        let aggregates = system.contexts.iter().flat_map(|it| &it.aggregates);
        for note in aggregates.flat_map(kernel::Guarded::events) {
            assert!(!note.korean.is_empty(), "{} of {}", note.name, system.folder);
        }
    }
}

#[test]
fn no_board_is_left_over() {
    let known: Vec<_> = systems().iter().map(|it| format!("{}.txt", it.folder)).collect();
    let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../boards");
    for entry in fs::read_dir(boards).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "boards/{name} belongs to no system");
    }
}

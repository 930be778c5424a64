//! What a failing seed prints: with a bug planted, so that one fails.
#![cfg(feature = "mutants")]

use std::process::Command;

#[test]
fn a_failing_seed_is_made_small_and_says_how_to_see_it_again() {
    let first = said(["--mutant", "key_of_an_effect_changes", "--seed", "2", "--shrink", "5"]);
    assert!(first.contains("seed 2 breaks U10"), "{first}");
    let again = first.lines().find_map(|line| line.strip_prefix("again: cargo sim "));
    let again = words(again.expect("a command to see it again"));
    assert!(again.iter().any(|it| it == "--set") || again.iter().any(|it| it == "--calm"));
    let second = said(&again);
    assert!(second.contains("seed 2 breaks U10"), "{again:?}\n{second}");
}

#[test]
fn what_cannot_be_set_is_said_in_one_line() {
    for (arguments, says) in [
        (["--set", "cats=1"], "cats cannot be set"),
        (["--set", "cases=0"], "cases is 1 at the least"),
        (["--only", "a comet"], "\"a comet\" does not go wrong"),
        (["--mutant", "none"], "there is no bug none"),
    ] {
        let said = said(["--seed", "2"].into_iter().chain(arguments));
        assert!(said.contains(says), "{said}");
    }
}

/// All that the program says.
fn said<T: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = T>) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sim")).args(arguments).output();
    let output = output.expect("the program beside this test runs");
    assert!(!output.status.success());
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// As a shell has them; only double quotes are used.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

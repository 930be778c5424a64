//! Some seeds, and the promise that a seed is always the same run.

use std::process::Command;

use sim::{report, run};

/// How many seeds are run here; `cargo run --release -p sim` runs more, and
/// insists that every rare thing happens in them.
const SEEDS: u64 = 60;

#[test]
fn whatever_goes_wrong_everything_ends_well() {
    sim::cli::hush();
    for seed in 1..=SEEDS {
        let outcome = run(seed);
        assert!(outcome.broken.is_none(), "{}", report::failure(&outcome));
    }
}

#[test]
fn a_seed_is_the_same_run_here_again_and_in_another_process() {
    sim::cli::hush();
    let seeds = 101..=110;
    let hashes = |seeds: std::ops::RangeInclusive<u64>| {
        let line = |seed| format!("{seed} {:016x}\n", run(seed).trace.hash());
        seeds.map(line).collect::<String>()
    };
    let here = hashes(seeds.clone());
    assert_eq!(hashes(seeds), here, "the second time");
    let mut other = Command::new(env!("CARGO_BIN_EXE_sim"));
    let output = other.args(["--from", "101", "--seeds", "10", "--hashes", "--quiet"]).output();
    let output = output.expect("the program beside this test runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), here, "in another process");
}

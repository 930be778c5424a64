//! Some seeds, and the promise that a seed is always the same run.

use std::process::Command;

use sim::{laws::LAWS, report, run};

/// How many seeds are run here; `cargo sim` runs more, and sees that everything
/// that can happen does.
const SEEDS: u64 = 40;

#[test]
fn whatever_goes_wrong_everything_ends_well() {
    sim::cli::hush();
    let mut batch = report::Batch::default();
    for seed in 1..=SEEDS {
        let outcome = run(seed);
        batch.add(&outcome);
        assert!(outcome.broken.is_none(), "{}", report::failure(&outcome));
    }
    let never = batch.never();
    let unseen: Vec<_> = LAWS.iter().filter(|law| never.contains(&law.id)).collect();
    assert!(unseen.is_empty(), "nobody has looked at {unseen:?}");
}

#[test]
fn a_seed_is_the_same_run_here_again_and_in_another_process() {
    sim::cli::hush();
    let seeds = 101..=120;
    let several = seeds.clone().filter(|seed| sim::Options::of(*seed).replicas > 1).count();
    assert!(several > 2, "two processes are part of it");
    let hashes = |seeds: std::ops::RangeInclusive<u64>| {
        let line = |seed| format!("{seed} {:016x}\n", run(seed).trace.hash());
        seeds.map(line).collect::<String>()
    };
    let here = hashes(seeds.clone());
    assert_eq!(hashes(seeds), here, "the second time");
    let mut other = Command::new(env!("CARGO_BIN_EXE_sim"));
    let output = other.args(["--from", "101", "--seeds", "20", "--hashes", "--quiet"]).output();
    let output = output.expect("the program beside this test runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), here, "in another process");
}

//! Breaks the disk under the embedded store, and says what was lost.

use std::{process::ExitCode, time::Instant};

use clap::Parser;

/// The embedded store on a disk that fails: whether anything that was
/// acknowledged is lost, half there, or damaged. Exits with 1 when something is.
#[derive(Debug, Parser)]
#[command(name = "power-loss")]
struct Cli {
    /// How many seeds there are; each kind of trial has as many as it needs.
    #[arg(long, default_value_t = 400)]
    seeds: u64,
}

fn main() -> ExitCode {
    let seeds = Cli::parse().seeds;
    let mut is_good = true;
    let mut begun = Instant::now();
    for report in power_loss::run(seeds) {
        println!("{report}; {} s", begun.elapsed().as_secs());
        is_good &= report.is_good();
        begun = Instant::now();
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

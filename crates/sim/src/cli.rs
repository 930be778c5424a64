//! The command line.

use std::{
    panic,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;

use crate::{
    mutants,
    report::{Batch, failure, story},
    run,
};

/// The real runtime and the repair centre on virtual time, from a seed.
#[derive(Debug, Parser)]
#[command(name = "sim")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Cli {
    /// How many seeds to run.
    #[arg(long, default_value_t = 300)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Run this seed only.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Print everything that happened.
    #[arg(long)]
    trace: bool,
    /// Print failing seeds and the sum only.
    #[arg(long)]
    quiet: bool,
    /// Go on after a failing seed.
    #[arg(long)]
    keep_going: bool,
    /// Build with every planted bug in turn, and see that each is found.
    #[arg(long, exclusive = true)]
    mutants: bool,
    /// Print the fingerprint of every run.
    #[arg(long)]
    hashes: bool,
}

impl Cli {
    /// Runs, and says whether all went well.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        if self.mutants {
            return if mutants::all_are_found() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        hush();
        let seeds = match self.seed {
            Some(seed) => seed..seed + 1,
            None => self.from..self.from.saturating_add(self.seeds),
        };
        let (begin, mut said) = (Instant::now(), Duration::ZERO);
        let mut batch = Batch::default();
        for seed in seeds {
            let outcome = run(seed);
            batch.add(&outcome);
            if self.hashes {
                println!("{seed} {:016x}", outcome.trace.hash());
            }
            if self.trace {
                print!("{}", story(&outcome));
            }
            if outcome.broken.is_some() {
                print!("{}", failure(&outcome));
                if !self.keep_going {
                    break;
                }
            }
            if !self.quiet && begin.elapsed().saturating_sub(said) > Duration::from_secs(10) {
                said = begin.elapsed();
                println!("{}", batch.sum(said));
            }
        }
        if !self.quiet && self.seed.is_none() {
            print!("{}", batch.table());
        }
        if !self.hashes {
            println!("{}", batch.sum(begin.elapsed()));
        }
        if batch.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// A panic that belongs to the run is not printed: whoever survives it says so.
pub fn hush() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let planned = info.payload().downcast_ref::<&str>();
        if planned.is_none_or(|text| *text != crate::PANIC) {
            print(info);
        }
    }));
}

//! The command line.

use std::{
    panic,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;

use crate::{
    mutants,
    options::Options,
    report::{Batch, failure, laws, story},
    run::{Outcome, run_with},
    shrink::shrink,
    watch::Watch,
};

/// From so many seeds on, everything that can happen must have happened.
const ALL: u64 = 300;

/// The real runtime and real businesses on virtual time, from a seed.
#[derive(Debug, Parser)]
#[command(name = "sim")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Cli {
    /// How many seeds to run
    #[arg(long, default_value_t = 300)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Run this seed only
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Set a number against the seed, such as customers=1
    #[arg(long, value_name = "NAME=NUMBER", requires = "seed")]
    set: Vec<String>,
    /// Let nothing go wrong but this
    #[arg(long, value_name = "POINT", requires = "seed")]
    only: Vec<String>,
    /// Let nothing go wrong
    #[arg(long, conflicts_with = "only", requires = "seed")]
    calm: bool,
    /// Print everything that happened
    #[arg(long)]
    trace: bool,
    /// Print failing seeds and the sum only
    #[arg(long)]
    quiet: bool,
    /// Go on after a failing seed
    #[arg(long)]
    keep_going: bool,
    /// For how many seconds to make a failing run smaller
    #[arg(long, default_value_t = 20, value_name = "SECONDS")]
    shrink: u64,
    /// For how many seconds a single run may go on
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    patience: u64,
    /// Print the laws, and how often each was looked at
    #[arg(long)]
    laws: bool,
    /// Plant every bug in turn, and see that each is found
    #[arg(long, conflicts_with_all = ["seed", "trace"])]
    mutants: bool,
    /// Plant this bug only
    #[arg(long, value_name = "NAME", conflicts_with = "mutants")]
    mutant: Option<String>,
    /// Try every seed with every planted bug, and write the table into this file
    #[arg(long, value_name = "FILE", requires = "mutants")]
    table: Option<PathBuf>,
    /// Print the fingerprint of every run
    #[arg(long)]
    hashes: bool,
}

impl Cli {
    /// Runs, and says whether all went well.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        hush();
        let well = if self.mutants {
            mutants::all_are_found(self.table.as_deref(), Duration::from_secs(self.patience))
        } else {
            self.plant().and_then(|()| self.seeds())
        };
        match well {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(why) => {
                eprintln!("sim: {why}");
                ExitCode::from(2)
            }
        }
    }

    fn plant(&self) -> Result<(), String> {
        self.mutant.as_deref().map_or(Ok(()), mutants::plant)
    }

    fn seeds(&self) -> Result<bool, String> {
        let seeds = match self.seed {
            Some(seed) => seed..seed + 1,
            None => self.from..self.from.saturating_add(self.seeds),
        };
        let (begin, mut said) = (Instant::now(), Duration::ZERO);
        let mut batch = Batch::default();
        let watch = Watch::over_runs(Duration::from_secs(self.patience));
        for seed in seeds {
            watch.begins(&format!("seed {seed}"));
            let outcome = run_with(self.options(seed)?);
            batch.add(&outcome);
            if self.hashes {
                println!("{seed} {:016x}", outcome.trace.hash());
            }
            if self.trace {
                print!("{}", story(&outcome));
            }
            if outcome.broken.is_some() {
                self.say(outcome, &watch);
                if !self.keep_going {
                    break;
                }
            }
            if !self.quiet && begin.elapsed().saturating_sub(said) > Duration::from_secs(10) {
                said = begin.elapsed();
                println!("{}", batch.sum(said));
            }
        }
        let never = if self.seeds >= ALL && batch.is_well() { batch.never() } else { Vec::new() };
        let never = if self.seed.is_some() { Vec::new() } else { never };
        if self.laws {
            print!("{}", laws(&batch));
        } else if !self.quiet && self.seed.is_none() {
            print!("{}", batch.table());
        }
        for name in &never {
            println!("never: {name}");
        }
        if !self.hashes {
            println!("{}", batch.sum(begin.elapsed()));
        }
        Ok(batch.is_well() && never.is_empty())
    }

    /// A run with options of its own is as small as somebody has made it.
    fn say(&self, outcome: Outcome, watch: &Watch) {
        let is_small = self.trace || self.calm || !self.only.is_empty() || !self.set.is_empty();
        let within = Duration::from_secs(if is_small { 0 } else { self.shrink });
        print!("{}", failure(&shrink(outcome, within, watch)));
    }

    fn options(&self, seed: u64) -> Result<Options, String> {
        let mut options = Options::of(seed);
        options.set.extend(self.mutant.iter().map(|name| format!("--mutant {name}")));
        if self.calm || !self.only.is_empty() {
            options.only(&self.only)?;
        }
        for text in &self.set {
            let parsed = text.split_once('=');
            let parsed = parsed.and_then(|(name, value)| Some((name, value.parse().ok()?)));
            let (name, value) = parsed.ok_or_else(|| format!("{text} is not NAME=NUMBER"))?;
            options.set(name, value)?;
        }
        Ok(options)
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

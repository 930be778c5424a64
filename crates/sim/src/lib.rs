//! The real runtime and the real repair centre in one thread on virtual time,
//! from a seed: the same seed is the same run, to the last event.

#![warn(missing_docs)]

mod chance;
mod checks;
pub mod cli;
mod clock;
mod course;
mod dice;
mod faults;
pub mod laws;
mod life;
mod mutants;
mod options;
mod people;
mod points;
mod process;
mod provider;
pub mod report;
mod run;
mod shadow;
mod shrink;
mod store;
mod trace;
mod watch;
mod witness;
mod world;

/// What is said in a panic that belongs to the run.
const PANIC: &str = runtime::fault::PANIC;

pub use options::Options;
pub use points::POINTS;
pub use run::{Outcome, run, run_with};
pub use trace::{Line, Trace};
pub use world::Broken;

//! The real runtime and the real repair centre in one thread on virtual time,
//! from a seed: the same seed is the same run, to the last event.

#![warn(missing_docs)]

mod checks;
pub mod cli;
mod clock;
mod course;
mod dice;
mod faults;
mod life;
mod mutants;
mod options;
mod people;
mod points;
mod process;
mod provider;
pub mod report;
mod run;
mod store;
mod trace;
mod witness;
mod world;

/// What is said in a panic that belongs to the run.
const PANIC: &str = "a panic that belongs to the run";

pub use options::Options;
pub use points::POINTS;
pub use run::{Outcome, run};
pub use trace::{Line, Trace};
pub use world::Broken;

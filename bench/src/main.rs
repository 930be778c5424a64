//! Measures the real program beside what this machine can do, in one run.
//!
//! Figures of two runs say little about each other: the machine is another one
//! each time. So every figure stands beside a ceiling that was measured in the
//! same rounds, and the ratio is what counts.

#![expect(clippy::cast_precision_loss, reason = "figures are far below what a double can count")]

mod ceilings;
mod cli;
mod fill;
mod load;
mod machine;
mod pair;
mod report;
mod rounds;
mod server;
mod subjects;
mod svg;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

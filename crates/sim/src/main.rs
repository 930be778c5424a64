//! Runs seeds and says what came of them.

use std::process::ExitCode;

use clap::Parser;
use sim::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}

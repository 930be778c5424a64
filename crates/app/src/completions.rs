//! Completions for a shell, from the same declaration as the command line.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::exit::{self, Outcome};

/// Prints them.
pub fn print<C: CommandFactory>(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    generate(shell, &mut C::command(), "madang", &mut script);
    exit::print(String::from_utf8_lossy(&script))
}

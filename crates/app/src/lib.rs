//! Every business, wired: the only crate that knows them all.

#![warn(missing_docs)]

mod apart;
mod backup;
mod board;
mod cli;
mod columns;
mod completions;
mod config;
mod demo;
#[cfg(feature = "fault-points")]
mod drill;
mod exit;
mod openapi;
mod route;
mod serve;
mod settings;
mod talk;

use std::process::ExitCode;

use kernel::System;

/// The businesses; a new one is one line.
#[must_use]
pub fn systems() -> Vec<System> {
    vec![appliance_repair::system()]
}

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.say(),
    }
}

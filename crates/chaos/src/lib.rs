//! Breaks the real program on purpose, and looks at what is left.
//!
//! Every experiment starts the server as a process of its own, with data of its own, talks to it
//! as any client would, writes down what it was told, and compares that with what it finds at the
//! end: over HTTP, and in the databases.
//!
//! `cargo run --release -p chaos -- --list` names the experiments. They need a system that has
//! signals (Linux, macOS).

#![warn(missing_docs)]

pub mod binary;
pub mod catalogue;
mod chance;
mod checks;
mod client;
mod crowd;
mod deployment;
mod desk;
mod disk;
pub mod dose;
mod experiments;
mod history;
mod load;
pub mod need;
mod process;
mod proxy;
mod records;
mod remains;
mod report;
mod rows;
pub mod sheet;
pub mod site;
mod strangers;
mod tamper;
mod wait;
mod wish;

pub use report::Report;

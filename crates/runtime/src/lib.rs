//! Runs what the contexts declare: load, ask, decide, append, react, show.

#![warn(missing_docs)]

mod answers;
mod bell;
mod bulletin;
mod busy;
mod call;
mod delivery;
mod failure;
pub mod fault;
mod feed;
mod follow;
mod guarded;
pub mod lab;
mod ledger;
mod mutant;
pub mod ports;
mod read;
mod runtime;
mod settings;
mod settle;
pub mod store;
mod tail;
mod tell;
mod writer;

pub use bulletin::Changed;
pub use call::{Standing, Traffic};
pub use failure::Failure;
pub use ledger::Entry;
pub use read::Seen;
pub use runtime::{Ground, Running, Runtime, Writing};
pub use settings::Settings;
pub use settle::Settlement;
pub use tail::Tail;
pub use tell::{IdempotencyKey, Order, Told};
pub use writer::Target;

//! Runs what the contexts declare: load, ask, decide, append, react, show.

#![warn(missing_docs)]

mod answers;
mod aside;
mod bell;
mod bulletin;
mod busy;
mod call;
mod delivery;
mod end;
mod failure;
pub mod fault;
mod feed;
mod follow;
mod guarded;
pub mod lab;
mod ledger;
pub mod mutant;
pub mod ports;
mod read;
pub mod rebuild;
mod runtime;
mod settings;
mod settle;
mod state;
pub mod store;
mod tail;
mod tell;
mod writer;

pub use aside::Whereabouts;
pub use bulletin::Changed;
pub use call::{Breaker, Budget, Standing, Traffic};
pub use delivery::{Came, Given, Remaining, ToDo, Waits, Would};
pub use failure::Failure;
pub use ledger::Entry;
pub use read::Seen;
pub use runtime::{Ground, Running, Runtime, Writing};
pub use settings::{EVENT_BYTES_MAX, Settings};
pub use settle::Settlement;
pub use tail::Tail;
pub use tell::{IdempotencyKey, Order, Told};
pub use writer::Target;

//! What the processes of one deployment say to each other over HTTP: questions
//! of one context to another, and what a journal holds for whoever was away
//! longer than the bus remembers.
//!
//! **Invariant:** nothing is said without a token of the deployment, which
//! anybody who knows its key can make and check, and nobody else.

#![warn(missing_docs)]

mod client;
mod door;
mod keys;
mod said;
mod target;

pub use client::Client;
pub use door::{Door, PATH};
pub use keys::{KeyError, Keys};
pub use target::{Target, TargetError};

/// The header with the W3C trace context.
const TRACE: &str = "traceparent";

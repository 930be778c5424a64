//! Events between processes, as [CloudEvents 1.0](https://cloudevents.io): the
//! attributes beside the body (binary mode: headers of a message), or all of it
//! as one JSON object (structured mode: a page of a journal over HTTP).
//!
//! `source` and `id` together name an event once and for all: the context, and
//! the position in its journal. Everything else our envelope holds is an
//! extension attribute, so that nothing is lost on the way.

#![warn(missing_docs)]

mod flaw;
mod read;
mod structured;
mod write;

pub use flaw::Flaw;
pub use read::{Names, read};
pub use structured::{page, read_page};
pub use write::{attributes, partition_key};

/// The version of the specification.
const SPEC: &str = "1.0";
/// What a body is.
const JSON: &str = "application/json";
/// What a page of events is.
pub const BATCH: &str = "application/cloudevents-batch+json";

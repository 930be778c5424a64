//! The bus on a real broker.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how it fails")]

mod bad_input;
mod forgotten;
mod promises;
mod topics;
mod yard;

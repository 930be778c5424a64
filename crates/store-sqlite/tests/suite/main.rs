//! What a store promises, and what is true of this one only.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod file;
mod full;
mod memory;
mod refusals;

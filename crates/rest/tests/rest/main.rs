//! What the edge answers for a business that is declared right here.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

mod addresses;
mod ask;
mod bad_input;
mod business;
mod commands;
mod deliveries;
mod description;
mod idempotency;
mod live;
mod operators;
mod reading;
mod tables;
mod who;
mod words;
mod yard;

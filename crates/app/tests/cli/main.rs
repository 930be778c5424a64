//! The program from the outside: its commands, its exit codes, its data.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

mod commands;
mod data;
mod end;
mod follow;
mod gateway;
mod operators;
mod postgres;
mod program;
mod running;
mod views;

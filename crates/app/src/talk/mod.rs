//! What talks to a running server.

pub mod case;
mod client;
pub mod deliveries;
pub mod events;
pub mod lab;
pub mod ledger;
mod query;
mod several;
pub mod views;

pub use client::{Answer, Client, Wish};

//! What the connection layer does to those who are slow, unclear, many or late.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

mod caps;
mod client;
mod crash;
mod drain;
mod http2;
mod hygiene;
mod listening;
mod restart;
mod slow;

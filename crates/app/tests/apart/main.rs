//! Every context in a process of its own: one repair over five of them, with
//! some of them killed, and what is refused at the start.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

mod deployment;
mod operators;
mod refused;
mod replicas;
mod walk;

//! What a gateway does between real sockets: in front of the business at work, and in front of
//! replicas that record every byte they are sent.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

mod business;
mod client;
mod described;
mod drain;
mod http2;
mod limits;
mod manners;
mod outages;
mod recorder;
mod rolling;
mod smuggling;
mod streams;
mod yard;

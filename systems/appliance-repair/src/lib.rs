//! Appliance after-service centre.
//!
//! A customer asks for a repair in [`request`]; an engineer accepts and
//! completes it in [`service`]; the part is reserved and used up in [`stock`];
//! the money comes in through [`payment`]; the customer follows it all in
//! [`progress`].

#[cfg(test)]
mod examples;
pub mod payment;
pub mod phone;
pub mod progress;
#[cfg(test)]
mod races;
pub mod request;
pub mod service;
pub mod status;
pub mod stock;
#[cfg(test)]
mod tests;
pub mod words;

use kernel::{Sentence, System};

/// The centre, in the order of the customer's journey.
#[must_use]
pub fn system() -> System {
    System {
        name: "repair",
        folder: "appliance-repair",
        title: Sentence::new("가전 A/S 센터", "Appliance repair centre"),
        contexts: vec![
            request::context(),
            service::context(),
            stock::context(),
            payment::context(),
            progress::context(),
        ],
    }
}

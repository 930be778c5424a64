//! What every bus promises, as tests that any bus is run through.
//!
//! A bus says how it is reached from another process; [`check`] does the rest:
//! two parts of a small business tell each other what has happened, are killed
//! and started again, and everything has had its effect once and in order.
//! [`check_port`] looks at the port alone, [`check_outage`] at what comes of
//! everybody while the bus is out of reach.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a promise that is not kept is a panic"
)]

mod air;
pub mod meters;
mod outage;
mod parts;
mod port;
mod promises;
mod trouble;

use std::sync::Arc;

use kernel::System;
use runtime::ports::Bus;

pub use air::Air;
pub use outage::{Outage, check_outage};
pub use parts::{Parts, journal, until};
pub use port::check as check_port;
pub use promises::check;
pub use trouble::Trouble;

/// Where processes meet.
pub trait Place: Send + Sync {
    /// The bus as one more process reaches it; nothing where journals are simply
    /// looked at again and again.
    fn bus(&self, system: &System) -> Option<Arc<dyn Bus>>;
}

impl<F: Fn(&System) -> Option<Arc<dyn Bus>> + Send + Sync> Place for F {
    fn bus(&self, system: &System) -> Option<Arc<dyn Bus>> {
        self(system)
    }
}

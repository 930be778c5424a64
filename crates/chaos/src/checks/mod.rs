//! What must be so, whatever has happened.

mod cases;
mod commands;
mod journals;
mod ledger;
mod payments;
mod prefix;
mod stock;
mod views;

pub use cases::cases;
pub use commands::{ghosts, ghosts_but, lost, lost_count, open, repeated, unexpected};
pub use journals::journals;
pub use ledger::{Ledger, settled};
pub use payments::payments;
pub use prefix::{beginnings, cut_short};
pub use stock::{shelves, stock};
pub use views::views;

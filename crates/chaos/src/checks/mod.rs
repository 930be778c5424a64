//! What must be so, whatever has happened.

mod cases;
mod commands;
mod journals;
mod ledger;
mod payments;
mod stock;
mod views;

pub use cases::cases;
pub use commands::{ghosts, ghosts_but, lost, open, repeated, unexpected};
pub use journals::journals;
pub use ledger::{Ledger, settled};
pub use payments::payments;
pub use stock::{shelves, stock};
pub use views::views;

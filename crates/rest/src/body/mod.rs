//! What callers send.

mod check;
mod command;
mod receive;

pub use command::{command, plain};
pub use receive::receive;

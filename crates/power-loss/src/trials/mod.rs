//! What is tried, and what must be so afterwards.

pub mod business;
pub mod errors;
mod folder;
pub mod full;
pub mod power;
mod script;
mod session;
pub(crate) mod verdict;

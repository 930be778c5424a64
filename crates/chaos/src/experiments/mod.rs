//! The experiments.

pub mod drain;
pub mod kill;
pub mod last_part;
pub mod walk;

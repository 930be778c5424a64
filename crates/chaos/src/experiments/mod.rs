//! The experiments, one in each file; [`crate::catalogue`] says which there are.

pub mod drain;
pub mod kill;
pub mod last_part;
pub mod walk;

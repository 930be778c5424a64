//! The experiments, one in each file; [`crate::catalogue`] says which there are.

pub mod abort;
pub mod drain;
pub mod full;
pub mod hot;
pub mod kill;
pub mod last_part;
pub mod outage;
pub mod panics;
pub mod patience;
pub mod poison;
pub mod stuck;
pub mod walk;

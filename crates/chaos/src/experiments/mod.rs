//! The experiments, one kind in each file; [`crate::catalogue`] says which there are.

pub mod abort;
pub mod apart;
pub mod database;
pub mod drain;
pub mod full;
pub mod hot;
pub mod kill;
pub mod last_part;
pub mod long_read;
pub mod misset;
pub mod outage;
pub mod pair;
pub mod panics;
pub mod patience;
pub mod poison;
pub mod power;
pub mod restore;
pub mod slow;
pub mod stuck;
pub mod torn;
pub mod walk;

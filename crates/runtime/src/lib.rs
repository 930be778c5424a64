//! Runs what the contexts declare: load, ask, decide, append, react, show.

pub mod store;

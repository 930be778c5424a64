//! In the making.

pub mod edge;

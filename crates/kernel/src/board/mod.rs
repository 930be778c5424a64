//! The event-storming board, drawn from the functions that run.

mod ends;
mod mermaid;
mod text;

use crate::context::System;

/// The notes and the arrows between them.
///
/// Displayed, it is plain text that is checked in, so that a changed contract
/// is a changed line in a review.
pub struct Board<'a>(&'a System);

impl<'a> Board<'a> {
    /// The board of a business.
    #[must_use]
    pub fn of(system: &'a System) -> Self {
        Self(system)
    }
}

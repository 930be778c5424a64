//! Draws the boards.

use clap::ValueEnum;
use kernel::{Board, System};

use crate::exit::{Outcome, print};

/// How a board is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person, and for the diff of a review.
    Text,
    /// For a page that draws Mermaid.
    Mermaid,
}

/// Draws one board after another.
pub fn draw(systems: &[System], format: Format) -> Outcome {
    systems.iter().map(Board::of).try_for_each(|board| match format {
        Format::Text => print(board),
        Format::Mermaid => print(board.mermaid()),
    })
}

//! What is found under the paths of a business.

mod commands;
mod cursor;
mod indexed;
mod listing;
mod paging;
mod reading;
mod showing;

use axum::http::{HeaderMap, header::ACCEPT};

pub use commands::{WAIT_MAX, tell};
pub use listing::list;
pub use paging::Paging;
pub use reading::{lookup, opened, row};
pub use showing::Showing;

use crate::tongue::weighted;

/// In which form something is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a resource.
    Hal,
    /// As a table.
    Csv,
    /// As it changes.
    Live,
}

impl Form {
    /// The one wanted most; a resource, where none of the others is.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get_all(ACCEPT).iter().filter_map(|it| it.to_str().ok());
        let mut best = (Self::Hal, 0);
        for (media, weight) in wanted.flat_map(weighted) {
            let form = match media.to_ascii_lowercase().as_str() {
                "text/event-stream" => Self::Live,
                "text/csv" => Self::Csv,
                _ => Self::Hal,
            };
            if weight > best.1 {
                best = (form, weight);
            }
        }
        best.0
    }
}

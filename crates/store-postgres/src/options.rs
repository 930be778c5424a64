//! What can be set about a store.

use std::time::Duration;

/// What can be set about a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many connections read at the same time; one more writes.
    pub readers: usize,
    /// How many callers may wait for one of them; more are turned away at once.
    pub waiting: usize,
    /// How long a statement may take, with the wait for its connection.
    pub deadline: Duration,
    /// How long making room may take when the store is opened: an index of a
    /// large table, or another process that does the same.
    pub opening: Duration,
    /// For how long one that writes may think, in its turn, before the database
    /// gives the turn to somebody else.
    pub turn: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            waiting: 128,
            deadline: Duration::from_secs(2),
            opening: Duration::from_mins(2),
            turn: Duration::from_secs(5),
        }
    }
}

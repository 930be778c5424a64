//! What can be set about a database.

use std::time::Duration;

/// What can be set about a database. The defaults are measured, not guessed.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many may read at the same time; more wait for one another.
    pub readers: usize,
    /// How many KiB of pages the writer keeps in memory at the most.
    pub writer_cache_kib: u32,
    /// How many KiB of pages each reader keeps in memory at the most.
    pub reader_cache_kib: u32,
    /// After so many pages in the log they begin to be copied into the file.
    pub checkpoint_pages: u32,
    /// After so many pages in the log, commits pause until it begins anew: a
    /// log that is always written to would otherwise never find an end.
    pub restart_pages: u32,
    /// After so long without a commit the log is emptied.
    pub idle: Duration,
    /// A read that takes longer is broken off: as long as it goes on, the log
    /// cannot begin anew.
    pub read_deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            writer_cache_kib: 16 * 1024,
            reader_cache_kib: 2 * 1024,
            checkpoint_pages: 2_000,
            restart_pages: 8_000,
            idle: Duration::from_secs(1),
            read_deadline: Duration::from_secs(30),
        }
    }
}

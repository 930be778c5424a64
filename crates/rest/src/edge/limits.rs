//! How much a stranger may ask of the connection layer before it says no.

use std::time::Duration;

/// The bounds of an edge; every time is in milliseconds, every size in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte of a request to the end of its head; also how long a new
    /// connection may stay silent. 5 000.
    pub header_ms: u64,
    /// How long a connection may rest between two requests. Longer than the idle time of the
    /// pools in front of us, so that the client closes first. 75 000.
    pub idle_ms: u64,
    /// How long we wait, in all, for the body of one request. 20 000.
    pub body_ms: u64,
    /// How long a peer may take none of the bytes we have for it. 20 000.
    pub write_ms: u64,
    /// How long a closed connection is read from, so that the last answer is not lost to a
    /// reset. 1 000.
    pub linger_ms: u64,
    /// Connections open at once, over all listeners. Keep it below the limit of descriptors of
    /// the process. 8 192.
    pub connections_max: usize,
    /// Connections open at once from one address (from one /64 with IPv6). A proxy in front
    /// counts as one address. 1 024.
    pub connections_per_address_max: usize,
    /// The head of one request: its line and all its fields. At least 8 192 is used. 65 536.
    pub header_bytes_max: usize,
    /// Requests at once on one HTTP/2 connection. 128.
    pub streams_max: u32,
    /// Drain: how long we go on accepting, until those in front have noticed. 300.
    pub propagation_ms: u64,
    /// Drain: how long an accepted connection may still send its request. 500.
    pub settle_ms: u64,
    /// Drain: how long requests in work may take to end. 10 000.
    pub finish_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_ms: 5_000,
            idle_ms: 75_000,
            body_ms: 20_000,
            write_ms: 20_000,
            linger_ms: 1_000,
            connections_max: 8_192,
            connections_per_address_max: 1_024,
            header_bytes_max: 64 * 1024,
            streams_max: 128,
            propagation_ms: 300,
            settle_ms: 500,
            finish_ms: 10_000,
        }
    }
}

pub(super) fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

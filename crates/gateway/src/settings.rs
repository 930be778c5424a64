//! How much anybody may ask of a gateway, and where everything is.

use std::{collections::BTreeMap, time::Duration};

/// How much anybody may ask, and how long anything may take.
#[derive(Debug, Clone)]
pub struct Settings {
    /// From a request to the head of its answer; a caller who prefers to wait (`Prefer: wait=5`)
    /// has so much more. 10 s.
    pub deadline: Duration,
    /// How many requests one client may make each second, with twice as many at once; none is
    /// turned away where it is 0. 500.
    pub rate: u32,
    /// The largest body of a request, in bytes. 64 KiB.
    pub body_bytes_max: u64,
    /// The most headers of a request. 100.
    pub headers_max: usize,
    /// How many requests one replica is given at once. 1 024.
    pub at_once_max: usize,
    /// How long a new connection to a replica may take. 1 s.
    pub connect: Duration,
    /// How long a connection to a replica may rest; it must be less than the replica allows (75 s),
    /// so that we close it first. 20 s.
    pub idle: Duration,
    /// How often each replica is asked whether it is ready; well below the time for which one
    /// that ends goes on accepting (300 ms). 100 ms.
    pub look: Duration,
    /// How often the names of replicas are looked up. 5 s.
    pub resolve: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            rate: 500,
            body_bytes_max: 64 * 1024,
            headers_max: 100,
            at_once_max: 1024,
            connect: Duration::from_secs(1),
            idle: Duration::from_secs(20),
            look: Duration::from_millis(100),
            resolve: Duration::from_secs(5),
        }
    }
}

/// Where the contexts are served.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Where every context is of which nothing else is said: `host:port`, where a name stands for
    /// all of its addresses.
    pub common: Vec<String>,
    /// Where these contexts are.
    pub contexts: BTreeMap<String, Vec<String>>,
}

impl Places {
    /// Where this context is.
    #[must_use]
    pub fn of(&self, context: &str) -> &[String] {
        self.contexts.get(context).unwrap_or(&self.common)
    }
}

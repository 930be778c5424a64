//! What can be set: by file, environment and flag, in that order of strength
//! upward.

mod apart;
mod effective;
mod engine;
mod file;
mod flags;
mod gateway;
mod table;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

pub use effective::Effective;
pub use engine::{Address, Engine};
pub use flags::{Apart, Asking, Everything, Flags, Keeping, Routing, Serving};
pub use gateway::Gateway;
pub use table::all;

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where the server listens.
    pub listen: String,
    /// The port of the first context, when each has one of its own.
    pub context_ports: Option<u16>,
    /// The contexts that are served; all of them when none is named.
    pub contexts: Vec<String>,
    /// Where the keys are that the processes of a deployment know each other by.
    pub keys: Option<PathBuf>,
    /// Where processes hear of each other's events, if not from each other.
    pub bus: Option<String>,
    /// Where the databases are.
    pub data: PathBuf,
    /// Whether there is a failure lab.
    pub lab: bool,
    /// Whether an address that others can reach will do.
    pub open: bool,
    /// How long a caller waits for a case to settle.
    pub see_through: Duration,
    /// How log lines are written.
    pub log: Log,
    /// Which log lines are written.
    pub log_filter: String,
    /// Where a running server is.
    pub url: String,
    /// Which engine keeps what happens.
    pub store: Engine,
    /// Engines that contexts have for themselves.
    pub stores: BTreeMap<String, Engine>,
    /// Databases that contexts have for themselves.
    pub databases: BTreeMap<String, PathBuf>,
    /// Where contexts are that other processes serve.
    pub places: BTreeMap<String, Vec<String>>,
    /// What stands in front of servers.
    pub gateway: Gateway,
}

impl Settings {
    /// Whether a context is to be served here.
    #[must_use]
    pub fn serves(&self, context: &str) -> bool {
        self.contexts.is_empty() || self.contexts.iter().any(|it| it == context)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// For a person.
    Text,
    /// For a collector.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            context_ports: None,
            contexts: Vec::new(),
            keys: None,
            bus: None,
            data: "data".into(),
            lab: false,
            open: false,
            see_through: Duration::from_secs(2),
            log: Log::Text,
            log_filter: "info".into(),
            url: "http://127.0.0.1:8080".into(),
            store: Engine::Sqlite,
            stores: BTreeMap::new(),
            databases: BTreeMap::new(),
            places: BTreeMap::new(),
            gateway: Gateway::default(),
        }
    }
}

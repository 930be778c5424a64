//! What an experiment needs beside the server, and whether it is there.

use std::{fmt, fs, sync::OnceLock};

use kafka_for_tests::Broker;
use postgres_for_tests::Server;

/// What an experiment needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The embedded engine, which is always there.
    Sqlite,
    /// The programs of `PostgreSQL`: a server of its own is started.
    Postgres,
    /// Java, and the programs of Kafka: a broker of its own is started.
    Kafka,
    /// A build of the server with fault points.
    FaultPoints,
    /// To be root: it mounts a small disk.
    Root,
}

impl Need {
    /// Why it is not there; nothing when it is.
    pub fn lacks(self) -> Option<String> {
        match self {
            Self::Sqlite | Self::FaultPoints => None,
            Self::Postgres => {
                // To know it, one has to be started; once is enough.
                static LACKS: OnceLock<Option<String>> = OnceLock::new();
                LACKS.get_or_init(|| Server::private().err()).clone()
            }

            Self::Kafka => {
                static LACKS: OnceLock<Option<String>> = OnceLock::new();
                LACKS.get_or_init(|| Broker::private().err()).clone()
            }
            Self::Root => (!is_root()).then(|| "only root can mount a disk".to_owned()),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Kafka => "kafka",
            Self::FaultPoints => "fault points",
            Self::Root => "root",
        })
    }
}

/// Whether this process may mount.
#[must_use]
pub fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("Uid:"));
    line.and_then(|it| it.split_whitespace().nth(1)) == Some("0")
}

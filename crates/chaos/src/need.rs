//! What an experiment needs beside the server, and whether it is there.

use std::{env, fmt, fs, path::Path};

/// What an experiment needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The embedded engine, which is always there.
    Sqlite,
    /// The programs of `PostgreSQL`, and a server that can use them.
    Postgres,
    /// Several processes on one database.
    Replicas,
    /// A build of the server with fault points.
    FaultPoints,
    /// To be root: it mounts a small disk.
    Root,
    /// Something that is not in this workspace yet.
    Missing(&'static str),
}

impl Need {
    /// Why it is not there; nothing when it is.
    pub fn lacks(self) -> Option<String> {
        match self {
            Self::Sqlite | Self::FaultPoints => None,
            Self::Postgres if !has_crate("store-postgres") => {
                Some("the server has no store-postgres yet".to_owned())
            }
            Self::Postgres if !on_path("initdb") => Some("initdb is not on the PATH".to_owned()),
            Self::Replicas if !has_crate("store-postgres") => {
                Some("one database belongs to one process yet".to_owned())
            }
            Self::Postgres | Self::Replicas => None,
            Self::Root => (!is_root()).then(|| "only root can mount a disk".to_owned()),
            Self::Missing(what) => Some(what.to_owned()),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Replicas => "replicas",
            Self::FaultPoints => "fault points",
            Self::Root => "root",
            Self::Missing(_) => "more",
        })
    }
}

/// Whether this process may mount.
pub fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("Uid:"));
    line.and_then(|it| it.split_whitespace().nth(1)) == Some("0")
}

fn has_crate(name: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).exists()
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

//! Where the programs of a server are, and who may run them.

use std::{
    env, fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

/// Where Debian puts them, a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs of a server.
#[derive(Debug)]
pub struct Programs {
    /// The folder they are in.
    pub folder: PathBuf,
    /// As whom they run: the server refuses to be run by root.
    pub user: Option<(u32, u32)>,
}

impl Programs {
    /// Looks for them.
    pub fn find() -> Result<Self, String> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut versions: Vec<_> =
            fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|it| it.path()).collect();
        versions.sort();
        let debian = versions.into_iter().rev().map(|version| version.join("bin"));
        let folder = env::split_paths(&path)
            .chain(debian)
            .find(|it| ["initdb", "postgres"].iter().all(|name| it.join(name).exists()))
            .ok_or("initdb and postgres are not installed")?;
        Ok(Self { folder, user: user()? })
    }

    /// One of them, ready to be run in that folder.
    pub fn command(&self, name: &str, home: &Path) -> Command {
        let mut command = Command::new(self.folder.join(name));
        command.current_dir(home).env("HOME", home).env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

/// Nobody in particular, unless we are root.
fn user() -> Result<Option<(u32, u32)>, String> {
    let ourselves = fs::metadata("/proc/self").map_err(|error| error.to_string())?.uid();
    if ourselves != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = ids("postgres").or_else(|| ids("nobody"));
    found.map(Some).ok_or_else(|| "there is no user but root to run it".to_owned())
}

//! Where the programs of a broker are: fetched once, kept in the user's cache.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What a broker is made of.
const MADE_OF: &str = include_str!("../pom.xml");

/// The programs of a broker.
#[derive(Debug)]
pub struct Programs {
    /// The folder they are in.
    folder: PathBuf,
}

impl Programs {
    /// Looks for them, and has them fetched when they are not there.
    pub fn find() -> Result<Self, String> {
        runs("java", "-version")?;
        let folder = cache()?.join("kafka-3.9.1");
        if !folder.exists() {
            fetch(&folder)?;
        }
        Ok(Self { folder })
    }

    /// One of them, ready to be run in that folder.
    pub fn command(&self, class: &str, home: &Path) -> Command {
        let mut command = Command::new("java");
        command.current_dir(home).args(["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC"]);
        command.arg("-Dlog4j.configuration=file:log4j.properties");
        command.arg("-cp").arg(self.folder.join("*")).arg(class);
        command
    }
}

fn cache() -> Result<PathBuf, String> {
    let named = |name| env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let folder = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    Ok(folder.ok_or("there is no HOME to keep its programs in")?.join("madang"))
}

/// All of them or none, by one process at a time.
fn fetch(folder: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let parent = folder.parent().ok_or("a cache without a folder")?;
    fs::create_dir_all(parent).map_err(told)?;
    let lock = File::create(folder.with_extension("lock")).map_err(told)?;
    lock.lock().map_err(told)?;
    if folder.exists() {
        return Ok(()); // another was faster
    }
    runs("mvn", "-version")?;
    let part = tempfile::tempdir_in(parent).map_err(told)?;
    fs::write(part.path().join("pom.xml"), MADE_OF).map_err(told)?;
    let mut command = Command::new("mvn");
    command.current_dir(part.path()).args(["-q", "-B", "dependency:copy-dependencies"]);
    command.args(["-DoutputDirectory=all", "-DincludeScope=runtime"]);
    let done = command.stdin(Stdio::null()).output().map_err(told)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stdout);
        let why = said.lines().find(|line| line.contains("ERROR"));
        return Err(format!("mvn: {}", why.unwrap_or("no reason given")));
    }
    fs::rename(part.path().join("all"), folder).map_err(told)
}

fn runs(program: &str, version: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg(version).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let runs = command.status().is_ok_and(|status| status.success());
    runs.then_some(()).ok_or_else(|| format!("{program} is not installed"))
}

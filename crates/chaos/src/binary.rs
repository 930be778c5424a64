//! Where the server is that the experiments start.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const NAME: &str = "madang";

/// Has it built, and says where it is.
///
/// # Errors
///
/// When it cannot be built.
pub fn build(release: bool) -> Result<PathBuf> {
    built(if release { &["--release"] } else { &[] })
}

/// The same with fault points, in a folder of its own: no release has them.
///
/// # Errors
///
/// When it cannot be built.
pub fn with_fault_points() -> Result<PathBuf> {
    built(&["--profile", "drill", "--features", "fault-points"])
}

fn built(how: &[&str]) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "app", "--bin", NAME]).args(how);
    command.arg("--message-format=json-render-diagnostics");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let command = command.current_dir(root).stdin(Stdio::null()).stderr(Stdio::inherit());
    let built = command.output().context("cargo does not start")?;
    ensure!(built.status.success(), "the server cannot be built");
    let told = String::from_utf8_lossy(&built.stdout);
    let artifacts = told.lines().filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let mut ours = artifacts.filter(|it| it["target"]["name"] == NAME);
    let path = ours.find_map(|it| it["executable"].as_str().map(PathBuf::from));
    path.context("cargo does not say where the server is")
}

/// The one beside this very program, if it is as new as its sources; otherwise it is built, in
/// the same way as this one.
///
/// Tests use it: whoever tests the whole workspace has just built the server, and to build it
/// alone would choose other features and build half the world again.
///
/// # Errors
///
/// When it cannot be built.
pub fn beside() -> Result<PathBuf> {
    let own = env::current_exe()?;
    let folder = own.ancestors().nth(2).context("a program in a folder of its own")?;
    let path = folder.join(NAME);
    if is_fresh(&path).unwrap_or(false) {
        return Ok(path);
    }
    build(folder.ends_with("release"))
}

/// Cargo leaves a list of its sources beside every program.
fn is_fresh(program: &Path) -> Result<bool> {
    let built = fs::metadata(program)?.modified()?;
    let list = fs::read_to_string(program.with_extension("d"))?;
    let (_, sources) = list.trim().split_once(": ").context("a list of sources")?;
    for source in sources.replace("\\ ", "\0").split(' ') {
        if fs::metadata(source.replace('\0', " "))?.modified()? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

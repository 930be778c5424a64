//! What this machine is, as far as it explains the figures.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::rounds::median;

/// How often the disk is asked to keep a page.
const SYNCS: usize = 200;

/// What this machine is; the disk is measured in this folder.
pub fn look(folder: &Path) -> Result<Value> {
    Ok(json!({
        "cpu": line_of("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism()?.get(),
        "kernel": said("uname", &["-sr"]),
        "memory": line_of("/proc/meminfo", "MemTotal"),
        "fdatasync_us": u64::try_from(sync_cost(folder)?.as_micros())?,
        "sqlite": rusqlite::version(),
        "rustc": said("rustc", &["--version"]),
        "date": said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        "commit": said("git", &["describe", "--always", "--dirty", "--abbrev=10"]),
        "load_before": load(),
    }))
}

/// How many wanted to run in the last minute: above the number of cores, others were at work.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// As a paragraph.
pub fn told(machine: &Value) -> String {
    let of = |name: &str| match &machine[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!(
        "{}, {} cores, {} memory, {}; fdatasync of 4 KiB {} µs; SQLite {}; {}; commit {}; {}; \
         load average before {}. Clients and servers share the machine.",
        of("cpu"),
        of("cores"),
        of("memory"),
        of("kernel"),
        of("fdatasync_us"),
        of("sqlite"),
        of("rustc"),
        of("commit"),
        of("date"),
        of("load_before"),
    )
}

/// In a line, for the picture.
pub fn in_short(machine: &Value) -> String {
    let of = |name: &str| machine[name].as_str().unwrap_or("unknown");
    let (cpu, commit, date) = (of("cpu"), of("commit"), of("date"));
    format!("{cpu}, {} cores; commit {commit}; {date}; both axes logarithmic", machine["cores"])
}

/// What it costs to have a page kept.
fn sync_cost(folder: &Path) -> Result<Duration> {
    let mut file = File::create(folder.join("sync"))?;
    let mut seconds = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.write_all(&[7; 4096])?;
        let began = Instant::now();
        file.sync_data()?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    Ok(Duration::from_secs_f64(median(seconds)))
}

fn line_of(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|it| it.starts_with(name)).unwrap_or_default();
    line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "unknown".to_owned())
}

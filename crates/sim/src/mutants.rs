//! Planted bugs: each must be found, or the simulation is worth nothing.

use std::{fs, path::Path, process::Command};

/// How many seeds may be needed.
const SEEDS: u64 = 200;

/// Builds the simulation with each planted bug in turn, and runs it; true when
/// every one was found.
#[must_use]
pub fn all_are_found() -> bool {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/Cargo.toml");
    let manifest = fs::read_to_string(runtime).unwrap_or_default();
    let names = manifest.lines().filter(|line| line.starts_with("mutant_"));
    let names: Vec<_> = names.filter_map(|line| line.split_once(" = ")).collect();
    let mut found = 0;
    for (name, rest) in &names {
        let what = rest.trim_start_matches("[] # ");
        match first_to_find(name) {
            Some(broken) => {
                found += 1;
                println!("{name}: {what}\n    {broken}");
            }
            None => println!("{name}: {what}\n    NOT FOUND in {SEEDS} seeds"),
        }
    }
    println!("{found} of {} planted bugs found", names.len());
    found == names.len() && found > 0
}

/// What the first seed says that finds it.
fn first_to_find(name: &str) -> Option<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut run = Command::new(cargo);
    run.args(["run", "--quiet", "-p", "sim", "--features", &format!("runtime/{name}"), "--"]);
    run.args(["--quiet", "--seeds", &SEEDS.to_string()]);
    let output = run.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find(|line| line.starts_with("seed ")).map(str::to_owned)
}

//! The command line.

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};

use crate::{
    ceilings::{self, Ceiling},
    machine, pair,
    report::{self, HEAD, Line},
    server,
    subjects::{self, ALL, Bench},
    svg,
};

/// Measures the real program beside what this machine can do.
#[derive(Debug, Parser)]
#[command(name = "bench", subcommand_negates_reqs = true)]
struct Cli {
    /// Small and quick: to see that it works, not to trust the figures.
    #[arg(long)]
    quick: bool,
    /// Only these: names from the table, with commas between them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Writes everything here as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draws throughput and latency over connections into this file.
    #[arg(long)]
    svg: Option<PathBuf>,
    /// Where data are made, or used again that were made there before; in a
    /// folder that goes at the end, if not said.
    #[arg(long)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Compares two builds of the program: whether a change pays.
    Pair {
        /// The build before the change.
        old: PathBuf,
        /// The build with it.
        new: PathBuf,
    },
    /// One of the bare servers (started by the program itself).
    #[command(subcommand, hide = true)]
    Ceiling(Ceiling),
}

/// Does what the command line says.
pub fn run() -> Result<()> {
    let cli = Cli::parse();
    match &cli.role {
        Some(Role::Ceiling(ceiling)) => return ceilings::serve(ceiling),
        Some(Role::Pair { old, new }) => {
            let folder = tempfile::Builder::new().prefix("madang-pair-").tempdir()?;
            let (old, new) = (old.canonicalize()?, new.canonicalize()?);
            return pair::compare(folder.path(), &old, &new);
        }
        None => {}
    }
    for name in &cli.only {
        let names: Vec<_> = ALL.iter().map(|it| it.name).collect();
        ensure!(names.contains(&name.as_str()), "there is no {name}; there are {names:?}");
    }
    let temporary = tempfile::Builder::new().prefix("madang-bench-").tempdir()?;
    let folder = cli.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&folder)?;
    let machine = machine::look(&folder)?;
    println!("{}\n\n{HEAD}", machine::told(&machine));
    let bench = Bench { program: server::program()?, folder, quick: cli.quick };
    let mut lines = Vec::new();
    for subject in
        ALL.iter().filter(|it| cli.only.is_empty() || cli.only.iter().any(|name| name == it.name))
    {
        let began = Instant::now();
        let measured = (subject.measure)(&bench);
        let measured = measured
            .unwrap_or_else(|error| vec![Line::failed(subject.name, "", &format!("{error:#}"))]);
        for line in &measured {
            println!("{}", line.row());
        }
        eprintln!("{} took {:.0?}", subject.name, began.elapsed());
        lines.extend(measured);
    }
    if let Some(path) = &cli.svg {
        let charts = subjects::curve::measure(&bench)?;
        let picture = svg::draw(&charts, &machine::in_short(&machine));
        fs::write(path, picture).with_context(|| path.display().to_string())?;
    }
    println!("\n{}", report::notes(&lines));
    println!("load average after {}", machine::load());
    if let Some(path) = &cli.json {
        let text = serde_json::to_string_pretty(&report::json(&machine, &lines))?;
        fs::write(path, text + "\n").with_context(|| path.display().to_string())?;
    }
    Ok(())
}

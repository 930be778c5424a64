//! Which experiment, and how much of it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chaos::{
    Report, binary,
    experiments::{drain, kill, last_part, walk},
};
use clap::{Args, Parser, Subcommand};
use tokio::runtime::Builder;

/// Breaks the real program on purpose, and looks at what is left. Exits with 1 when something is
/// not as it should be.
#[derive(Debug, Parser)]
#[command(name = "chaos", arg_required_else_help = true)]
struct Cli {
    /// Name the experiments
    #[arg(long)]
    list: bool,
    /// Use the server as it is built for tests, not for release
    #[arg(long, global = true)]
    debug: bool,
    /// Use this server, and build none
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "debug")]
    server: Option<PathBuf>,
    #[command(subcommand)]
    experiment: Option<Experiment>,
}

#[derive(Debug, Subcommand)]
enum Experiment {
    /// Two engineers accept at the same instant, and there is one part
    LastPart(last_part::Plan),
    /// kill -9 at a random moment under load, again and again
    Kill(kill::Plan),
    /// SIGTERM and start again under load: no request may fail
    Drain(drain::Plan),
    /// One repair after another, with contexts and the payment provider away
    Walk,
    /// All of them
    All(Extent),
}

#[derive(Debug, Clone, Copy, Args)]
struct Extent {
    /// A tenth of each
    #[arg(long)]
    fast: bool,
}

/// Whether all is well.
pub fn run() -> Result<bool> {
    let cli = Cli::parse();
    let Some(experiment) = cli.experiment.filter(|_| !cli.list) else {
        for (name, what) in EXPERIMENTS {
            println!("{name:<10} {what}");
        }
        return Ok(true);
    };
    let server = match cli.server {
        Some(server) => std::path::absolute(server)?,
        None => binary::build(!cli.debug)?,
    };
    Builder::new_multi_thread().enable_all().build()?.block_on(conduct(experiment, &server))
}

const EXPERIMENTS: [(&str, &str); 4] = [
    ("walk", "one repair after another, with contexts and the payment provider away"),
    ("last-part", "two engineers accept at the same instant, and there is one part"),
    ("kill", "kill -9 at a random moment under load, again and again"),
    ("drain", "SIGTERM and start again under load: no request may fail"),
];

async fn conduct(experiment: Experiment, server: &Path) -> Result<bool> {
    match experiment {
        Experiment::Walk => Ok(said(&walk::run(server).await?)),
        Experiment::LastPart(plan) => Ok(said(&last_part::run(server, &plan).await?)),
        Experiment::Kill(plan) => Ok(said(&kill::run(server, &plan).await?)),
        Experiment::Drain(plan) => Ok(said(&drain::run(server, &plan).await?)),
        Experiment::All(Extent { fast }) => {
            let mut good = said(&walk::run(server).await?);
            let plan = if fast { last_part::Plan::fast() } else { last_part::Plan::default() };
            good &= said(&last_part::run(server, &plan).await?);
            let plan = if fast { kill::Plan::fast() } else { kill::Plan::default() };
            good &= said(&kill::run(server, &plan).await?);
            good &= said(&kill::run(server, &kill::Plan { apart: true, ..plan }).await?);
            let plan = if fast { drain::Plan::fast() } else { drain::Plan::default() };
            good &= said(&drain::run(server, &plan).await?);
            Ok(good)
        }
    }
}

fn said(report: &Report) -> bool {
    println!("{report}");
    report.is_good()
}

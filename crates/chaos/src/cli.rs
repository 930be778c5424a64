//! Which experiments, and how much of each.

use std::{fs, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, ensure};
use chaos::{
    binary,
    catalogue::{CATALOGUE, Experiment},
    dose::{Dose, seed_by_the_clock},
    need::Need,
    sheet::{Sheet, Verdict},
    site,
};
use clap::Parser;
use tokio::{runtime::Builder, time::Instant};

/// Breaks the real program on purpose, and looks at what is left.
#[derive(Debug, Parser)]
#[command(name = "chaos", arg_required_else_help = true, after_help = CODES)]
struct Cli {
    /// Experiments by name (F-02, F-02/apart, kill), or `all`, or `fast`: a little of those that
    /// take little time
    #[arg(value_name = "EXPERIMENT")]
    names: Vec<String>,
    /// Name the experiments
    #[arg(long)]
    list: bool,
    /// As little of each as in the fast subset
    #[arg(long)]
    fast: bool,
    /// How often, in the unit of the experiment
    #[arg(long, value_name = "COUNT", aliases = ["times", "rounds", "restarts"])]
    n: Option<u64>,
    /// For how long, where it lasts for a time
    #[arg(long)]
    seconds: Option<u64>,
    /// The seed of everything that is left to chance; by the clock when it is left out
    #[arg(long)]
    seed: Option<u64>,
    /// Write the report into this file too
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Use the server as it is built for tests, not for release
    #[arg(long)]
    debug: bool,
    /// Use this server, and build none
    #[arg(long, value_name = "FILE", conflicts_with = "debug")]
    server: Option<PathBuf>,
}

const CODES: &str = "\
Exit codes:
  0  every experiment passed
  1  one has failed, or could not be brought to its end
  2  the command line is wrong
  3  none has failed, and one or more were skipped";

/// Does what the command line says.
pub fn run() -> Result<ExitCode> {
    let cli = Cli::parse();
    if cli.list {
        list();
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = chosen(&cli.names)?;
    let sheet = Builder::new_multi_thread().enable_all().build()?.block_on(cli.conduct(&chosen))?;
    print!("{sheet}");
    if let Some(path) = &cli.report {
        fs::write(path, sheet.to_string()).with_context(|| path.display().to_string())?;
    }
    let [passed, failed, skipped] = sheet.counts();
    println!("\nchaos: {passed} passed, {failed} failed, {skipped} skipped");
    Ok(match (failed, skipped) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(3),
        _ => ExitCode::FAILURE,
    })
}

fn list() {
    for it in CATALOGUE {
        let needs: Vec<_> = it.needs.iter().map(ToString::to_string).collect();
        let (id, alias, what, fast) = (it.id, it.alias, it.what, if it.fast { "fast" } else { "" });
        let n = format!("{} {}", it.n.0, it.n.2);
        println!("{id:<15} {alias:<12} {fast:<5} {n:<15} {:<22} {what}", needs.join(", "));
        println!("{:<15} passes: {}", "", it.passes);
        if let Some(why) = it.lacks() {
            println!("{:<15} skipped here: {why}", "");
        }
    }
}

/// Those that are meant, in the order of the catalogue, each once.
fn chosen(names: &[String]) -> Result<Vec<(&'static Experiment, bool)>> {
    ensure!(!names.is_empty(), "say which experiment, `all` or `fast`");
    for name in names.iter().filter(|it| !["all", "fast"].contains(&it.as_str())) {
        let is_known = CATALOGUE.iter().any(|it| it.is_meant(name));
        ensure!(is_known, "there is no experiment `{name}`; --list names them");
    }
    let is_named = |it: &Experiment, name: &str| name == "all" || it.is_meant(name);
    let meant = CATALOGUE.iter().filter_map(|it| {
        let usual = names.iter().any(|name| is_named(it, name));
        let fast = it.fast && names.iter().any(|name| name == "fast");
        (usual || fast).then_some((it, !usual))
    });
    Ok(meant.collect())
}

impl Cli {
    async fn conduct(&self, chosen: &[(&'static Experiment, bool)]) -> Result<Sheet> {
        let seed = self.seed.unwrap_or_else(seed_by_the_clock);
        let mut sheet = Sheet::default();
        let (mut usual, mut drill) = (None, None);
        for (experiment, little) in chosen {
            let mut dose = experiment.dose(*little || self.fast, seed);
            dose.n = self.n.unwrap_or(dose.n);
            dose.seconds = self.seconds.unwrap_or(dose.seconds);
            if let Some(why) = experiment.lacks() {
                println!("{}: SKIPPED: {why}", experiment.id);
                sheet.add(experiment, dose, Duration::ZERO, Verdict::Skipped(why));
                continue;
            }
            let server = if experiment.needs.contains(&Need::FaultPoints) {
                drill.get_or_insert_with(binary::with_fault_points)
            } else {
                usual.get_or_insert_with(|| self.server())
            };
            let server = match server {
                Ok(server) => server.clone(),
                Err(error) => anyhow::bail!("{error:#}"),
            };
            println!("{}: {}, seed {seed}", experiment.id, experiment.amount(&dose));
            let began = Instant::now();
            let run = async |site: &site::Site| (experiment.run)(site, &dose).await;
            let outcome = site::conduct(experiment.id, &server, experiment.storage, run).await;
            let (took, verdict) = (began.elapsed(), verdict(outcome, &dose));
            println!("{}: {} in {:.1} s\n", experiment.id, verdict.word(), took.as_secs_f64());
            sheet.add(experiment, dose, took, verdict);
        }
        Ok(sheet)
    }

    fn server(&self) -> Result<PathBuf> {
        match &self.server {
            Some(server) => Ok(std::path::absolute(server)?),
            None => binary::build(!self.debug),
        }
    }
}

fn verdict(outcome: Result<chaos::Report>, _: &Dose) -> Verdict {
    match outcome {
        Ok(report) => {
            println!("{report}");
            Verdict::Done(report)
        }
        Err(error) => {
            println!("it could not be brought to its end: {error:#}");
            Verdict::Broken(format!("{error:#}"))
        }
    }
}

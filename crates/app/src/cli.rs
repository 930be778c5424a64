//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, value_parser};
use kernel::System;

use crate::{
    apart, backup,
    board::{self, Format},
    completions, config, demo,
    exit::{CODES, Code, Outcome, Stop},
    openapi, route, serve,
    settings::{Apart, Asking, Effective, Everything, Flags, Keeping, Routing, Serving},
    systems,
    talk::{Client, case, deliveries, events, lab, ledger, views},
};

/// Korean business systems on one small event-sourced platform.
#[derive(Debug, Parser)]
#[command(name = "madang", version, after_help = CODES, subcommand_required = true)]
struct Cli {
    /// The file of settings; without it, madang.toml is read where it is there
    #[arg(long, global = true, env = "MADANG_CONFIG", hide_env_values = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a business
    Serve {
        /// The business; where it is named, its resources are at the root too
        system: Option<String>,
        #[command(flatten)]
        flags: Flags<Serving>,
        /// End when the standard input does, as whoever started it has
        #[arg(long, hide = true)]
        tethered: bool,
    },
    /// Serve a business with one process for each context, and start again what ends
    Apart {
        /// The business; it need not be named where there is only one
        system: Option<String>,
        #[command(flatten)]
        flags: Flags<Apart>,
    },
    /// Stand in front of processes that serve: one address for all contexts
    #[command(after_help = route::EXAMPLES)]
    Gateway {
        /// The business; where it is named, its resources are at the root too
        system: Option<String>,
        #[command(flatten)]
        flags: Flags<Routing>,
        /// End when the standard input does, as whoever started it has
        #[arg(long, hide = true)]
        tethered: bool,
    },
    /// Copy the data as of one moment, whether they are served or not; to restore, serve the copy
    Backup {
        /// The folder of the copy; it must not be there
        to: PathBuf,
        /// The business; it need not be named where there is only one
        system: Option<String>,
        #[command(flatten)]
        flags: Flags<Keeping>,
    },
    /// Draw the event-storming board
    Board {
        /// The business to draw; all of them when it is left out
        system: Option<String>,
        /// Text to read, or a Mermaid flowchart
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    #[command(about = "Print the OpenAPI document")]
    Openapi {
        /// The business to describe
        system: Option<String>,
    },
    /// Print what has happened on a running server, one event a line
    Events {
        #[command(flatten)]
        which: events::Which,
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// Tell one case in sentences: what happened, what remains, whom it waits for
    #[command(after_help = case::EXAMPLES)]
    Case {
        #[command(flatten)]
        which: case::Which,
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// List the deliveries that took a path of their own; look at one, try them again, give up
    #[command(after_help = deliveries::EXAMPLES)]
    Deliveries {
        #[command(flatten)]
        which: Box<deliveries::Which>,
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// List the views; rebuild one beside the rows that are shown, and compare
    #[command(after_help = views::EXAMPLES)]
    Views {
        #[command(flatten)]
        which: views::Which,
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// Print the ledger; exit with 1 when it does not add up
    Ledger {
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// Show the failure lab, or make a context or an outside system feel so
    #[command(after_help = lab::EXAMPLES)]
    Lab {
        /// A context or an outside system, such as stock or payment-provider
        name: Option<String>,
        /// up, down, slow 620ms, failing 30%, unknown, or a state of its own such as decline
        #[arg(requires = "name")]
        state: Vec<String>,
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// Fill the running system with believable data; twice is as good as once
    Demo {
        /// How many cases there are to be
        #[arg(long, default_value_t = 30, value_parser = value_parser!(u32).range(1..=10_000))]
        cases: u32,
        #[command(flatten)]
        flags: Flags<Asking>,
    },
    /// Print every setting, its value, and where it came from
    Config {
        #[command(flatten)]
        flags: Flags<Everything>,
    },
    /// Print the fault points that `MADANG_FAULT` may name
    #[cfg(feature = "fault-points")]
    FaultPoints,
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Does what the command line says.
pub fn run() -> Outcome {
    let Cli { config, command } = Cli::parse();
    let systems = systems();
    let contexts: Vec<_> =
        systems.iter().flat_map(|it| &it.contexts).map(|context| context.name).collect();
    let file = config.as_deref();
    let client = |flags: Flags<Asking>| {
        Effective::of(file, &flags, &contexts).map(|it| Client::of(&it.settings.url))
    };
    match command {
        Command::Serve { system, flags, tethered } => {
            #[cfg(feature = "fault-points")]
            crate::drill::prepare()?;
            let effective = Effective::of(file, &flags, &contexts)?;
            let alone = system.is_some();
            let system = one(systems, system.as_deref())?;
            let names: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
            effective.nobody_is_lost(&names)?;
            serve::run(system, (alone, tethered), &effective.settings)
        }
        Command::Apart { system, flags } => {
            let effective = Effective::of(file, &flags, &contexts)?;
            apart::run(&one(systems, system.as_deref())?, &effective)
        }
        Command::Gateway { system, flags, tethered } => {
            let settings = Effective::of(file, &flags, &contexts)?.settings;
            let alone = system.is_some();
            route::run(chosen(systems, system.as_deref())?, (alone, tethered), &settings)
        }
        Command::Backup { to, system, flags } => {
            let settings = Effective::of(file, &flags, &contexts)?.settings;
            backup::make(&one(systems, system.as_deref())?, &settings, &to)
        }
        Command::Board { system, format } => {
            board::draw(&chosen(systems, system.as_deref())?, format)
        }
        Command::Openapi { system } => openapi::print(&one(systems, system.as_deref())?),
        Command::Events { which, flags } => events::run(&client(flags)?, &which),
        Command::Case { which, flags } => case::run(&client(flags)?, &which),
        Command::Deliveries { which, flags } => deliveries::run(&client(flags)?, &which),
        Command::Views { which, flags } => views::run(&client(flags)?, &which),
        Command::Ledger { flags } => ledger::run(&client(flags)?),
        Command::Lab { name: Some(name), state, flags } if !state.is_empty() => {
            lab::set(&client(flags)?, &name, &state.join(" "))
        }
        Command::Lab { name, flags, .. } => lab::show(&client(flags)?, name.as_deref()),
        Command::Demo { cases, flags } => demo::run(&client(flags)?, cases),
        Command::Config { flags } => config::print(&Effective::of(file, &flags, &contexts)?),
        #[cfg(feature = "fault-points")]
        Command::FaultPoints => crate::drill::list(),
        Command::Completions { shell } => completions::print::<Cli>(shell),
    }
}

/// The systems that are meant: one by its name or its folder, or all.
fn chosen(systems: Vec<System>, name: Option<&str>) -> Outcome<Vec<System>> {
    let Some(name) = name else { return Ok(systems) };
    one(systems, Some(name)).map(|it| vec![it])
}

/// The system that is meant; it need not be named where there is only one.
fn one(systems: Vec<System>, name: Option<&str>) -> Outcome<System> {
    let known: Vec<_> = systems.iter().map(|it| it.name).collect();
    let known = known.join(", ");
    let line = match name {
        Some(name) => format!("there is no system \"{name}\"; there is {known}"),
        None => format!("say which system: {known}"),
    };
    let is_only = systems.len() == 1;
    let is_meant = |it: &System| name.map_or(is_only, |name| [it.name, it.folder].contains(&name));
    systems.into_iter().find(is_meant).ok_or_else(|| Stop::new(Code::Usage, line))
}

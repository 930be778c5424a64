//! The table as flags and names in the environment.

use std::marker::PhantomData;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource};

use super::{
    Settings,
    table::{Setting, User, all},
};

/// Flags for those settings that somebody uses, as they were given.
#[derive(Debug)]
pub struct Flags<W> {
    pub(super) given: Vec<Given>,
    who: PhantomData<W>,
}

/// What somebody has set.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) setting: &'static Setting,
    pub(super) text: String,
    pub(super) by_flag: bool,
    pub(super) flag: &'static str,
}

/// Who uses some of the settings.
pub trait Who {
    /// Whether they use this one.
    fn uses(setting: &Setting) -> bool;

    /// What they call it on the command line.
    fn flag(setting: &'static Setting) -> &'static str {
        setting.name
    }
}

/// Serves.
#[derive(Debug)]
pub enum Serving {}

/// Has every context served by a process of its own.
#[derive(Debug)]
pub enum Apart {}

/// Talks to a server.
#[derive(Debug)]
pub enum Asking {}

/// Shows everything.
#[derive(Debug)]
pub enum Everything {}

/// Stands in front of servers.
#[derive(Debug)]
pub enum Routing {}

/// Looks after the data while nobody need serve.
#[derive(Debug)]
pub enum Keeping {}

impl Who for Serving {
    fn uses(setting: &Setting) -> bool {
        setting.user == User::Server
    }
}

impl Who for Apart {
    fn uses(setting: &Setting) -> bool {
        // Where it listens is where the gateway does, and that knows where the contexts are.
        let others = ["context", "listen", "gateway.at"];
        setting.user != User::Client && !others.contains(&setting.name)
    }

    fn flag(setting: &'static Setting) -> &'static str {
        Routing::flag(setting)
    }
}

impl Who for Asking {
    fn uses(setting: &Setting) -> bool {
        setting.user == User::Client
    }
}

impl Who for Routing {
    fn uses(setting: &Setting) -> bool {
        setting.user == User::Gateway || ["open", "log", "log-filter"].contains(&setting.name)
    }

    fn flag(setting: &'static Setting) -> &'static str {
        setting.name.strip_prefix("gateway.").unwrap_or(setting.name)
    }
}

impl Who for Keeping {
    fn uses(setting: &Setting) -> bool {
        ["data", "store"].contains(&setting.name)
    }
}

impl Who for Everything {
    fn uses(_: &Setting) -> bool {
        true
    }
}

impl<W: Who> Args for Flags<W> {
    fn augment_args(command: Command) -> Command {
        command.args(all().filter(|it| W::uses(it)).map(flag::<W>))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<W: Who> FromArgMatches for Flags<W> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let used = all().filter(|it| W::uses(it));
        let given = used.filter_map(|setting| given::<W>(matches, setting)).collect();
        Ok(Self { given, who: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|it| *self = it)
    }
}

fn flag<W: Who>(setting: &'static Setting) -> Arg {
    let default = (setting.show)(&Settings::default());
    let help = match default.as_str() {
        "" | "false" => setting.help.to_owned(),
        default => format!("{} [default: {default}]", setting.help),
    };
    let arg = Arg::new(setting.name)
        .long(W::flag(setting))
        .env(setting.env)
        .hide_env_values(true)
        .value_name(setting.value)
        .help(help)
        .action(ArgAction::Set);
    if setting.is_switch() {
        // The value may follow only after `=`, so that what comes next is not taken for it.
        return arg.num_args(0..=1).require_equals(true).default_missing_value("true");
    }
    arg
}

/// What is empty in the environment counts as not there.
fn given<W: Who>(matches: &ArgMatches, setting: &'static Setting) -> Option<Given> {
    let text = matches.get_one::<String>(setting.name)?.clone();
    let by_flag = matches.value_source(setting.name) == Some(ValueSource::CommandLine);
    (by_flag || !text.is_empty()).then_some(Given {
        setting,
        text,
        by_flag,
        flag: W::flag(setting),
    })
}

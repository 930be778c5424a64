//! What is in force, and where each of it came from.

use std::{collections::BTreeSet, fmt, path::Path};

use super::{
    Flags, Settings,
    engine::{Engine, hidden},
    file::{File, Own},
    gateway,
    table::{Setting, all},
};
use crate::exit::{Code, Outcome, Stop};

/// What is in force, and where each of it came from.
#[derive(Debug)]
pub struct Effective {
    /// What is in force.
    pub settings: Settings,
    sources: Vec<Source>,
    /// Context, key, source.
    contexts: Vec<(String, Own, Source)>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody has set it.
    Default,
    /// A line of a file.
    File(String, usize),
    /// The environment.
    Environment(&'static str),
    /// The command line.
    Flag(&'static str),
}

impl Effective {
    /// Puts the defaults, the file, the environment and the flags on top of one
    /// another. Without a file named, `madang.toml` is read where it is there.
    ///
    /// # Errors
    ///
    /// When a value is not one, or the file names something that is not known.
    pub fn of<W>(file: Option<&Path>, flags: &Flags<W>, contexts: &[&str]) -> Outcome<Self> {
        let mut effective = Self {
            settings: Settings::default(),
            sources: vec![Source::Default; all().count()],
            contexts: Vec::new(),
        };
        if let Some(file) = File::found(file)? {
            effective.read(&file, contexts)?;
        }
        for given in &flags.given {
            let source = if given.by_flag {
                Source::Flag(given.flag)
            } else {
                Source::Environment(given.setting.env)
            };
            effective.set(given.setting, &given.text, source)?;
        }
        Ok(effective)
    }

    /// Everything: its name, its value as it may be printed, its source.
    pub fn lines(&self) -> impl Iterator<Item = (String, String, &Source)> {
        let table = all().zip(&self.sources).map(|(setting, source)| {
            (setting.name.to_owned(), setting.shown(&self.settings), source)
        });
        let contexts = self.contexts.iter().map(|(context, own, source)| {
            let settings = &self.settings;
            let value = match own {
                Own::Database => settings.databases.get(context).map(|it| it.display().to_string()),
                Own::Store => settings.stores.get(context).map(ToString::to_string),
                Own::At => Some(settings.gateway.at.of(context).join(",")),
            };
            (format!("contexts.{context}.{}", own.name()), value.unwrap_or_default(), source)
        });
        table.chain(contexts)
    }

    fn read(&mut self, file: &File, contexts: &[&str]) -> Outcome {
        let known: BTreeSet<_> = contexts.iter().copied().collect();
        for (setting, text, line) in &file.values {
            self.set(setting, text, Source::File(file.name.clone(), *line))?;
        }
        for (context, own, text, line) in &file.contexts {
            let source = Source::File(file.name.clone(), *line);
            if !known.contains(context.as_str()) {
                let known = contexts.join(", ");
                let line = format!("{source}: unknown context \"{context}\" (known: {known})");
                return Err(Stop::new(Code::Usage, line));
            }
            self.place(context, *own, text, &source)?;
            self.contexts.push((context.clone(), *own, source));
        }
        Ok(())
    }

    fn place(&mut self, context: &str, own: Own, text: &str, source: &Source) -> Outcome {
        let Settings { databases, stores, .. } = &mut self.settings;
        match own {
            Own::Database => drop(databases.insert(context.to_owned(), text.into())),
            Own::Store => {
                let engine = Engine::of(text).map_err(|must| {
                    let text = hidden(text);
                    Stop::new(Code::Usage, format!("{source}: store {must}, not \"{text}\""))
                })?;
                stores.insert(context.to_owned(), engine);
            }
            Own::At => {
                let each: Vec<_> = text.split(',').map(|at| format!("{context}={at}")).collect();
                gateway::places(&each.join(","), &mut self.settings.gateway.at).map_err(|_| {
                    let must = "must be a list of host:port";
                    Stop::new(Code::Usage, format!("{source}: at {must}, not \"{text}\""))
                })?;
                return Ok(());
            }
        }
        if databases.contains_key(context)
            && matches!(stores.get(context), Some(Engine::Postgres(_)))
        {
            let both = "database is the name of a file, and store is not sqlite";
            return Err(Stop::new(Code::Usage, format!("{source}: [contexts.{context}] {both}")));
        }
        Ok(())
    }

    fn set(&mut self, setting: &'static Setting, text: &str, source: Source) -> Outcome {
        (setting.set)(&mut self.settings, text).map_err(|must| {
            let text = if setting.secret { "it".to_owned() } else { hidden(text) };
            let name = match source {
                Source::File(..) => format!("{source}: {}", setting.name),
                _ => source.to_string(),
            };
            Stop::new(Code::Usage, format!("{name} {must}, not \"{text}\""))
        })?;
        let at = all().position(|it| it.name == setting.name);
        if let Some(present) = at.and_then(|at| self.sources.get_mut(at)) {
            *present = source;
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(name, line) => write!(f, "{name}:{line}"),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

//! What is in force, and where each of it came from.

use std::{collections::BTreeSet, fmt, path::Path};

use super::{
    Flags, Settings,
    engine::{Engine, hidden},
    file::{File, Own},
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
    /// Where each context is named first.
    named: Vec<(String, Source)>,
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
            named: Vec::new(),
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
        let served = effective.settings.contexts.iter();
        if let Some(name) = served.into_iter().find(|it| !contexts.contains(&it.as_str())) {
            let source = effective.source("context");
            return Err(unknown(source, name, contexts));
        }
        Ok(effective)
    }

    /// Nothing, when every context of a business is served here, or somebody has
    /// said where it is.
    ///
    /// # Errors
    ///
    /// Which context is nowhere, and what should have said so.
    pub fn nobody_is_lost(&self, contexts: &[&str]) -> Outcome {
        let settings = &self.settings;
        if let Some(other) = settings.contexts.iter().find(|it| !contexts.contains(&it.as_str())) {
            return Err(unknown(self.source("context"), other, contexts));
        }
        let is_lost = |it: &&&str| !settings.serves(it) && !settings.places.contains_key(**it);
        if let Some(name) = contexts.iter().find(is_lost) {
            let named = self.named.iter().find(|(context, _)| context == name);
            let source = named.map_or_else(|| self.source("context"), |(_, source)| source);
            let line = format!(
                "{source}: {name} is not served here, and nobody says where it is: set at in \
                 [contexts.{name}]"
            );
            return Err(Stop::new(Code::Usage, line));
        }
        if contexts.iter().any(|it| !settings.serves(it)) && settings.keys.is_none() {
            let source = self.source("context");
            let line = format!(
                "{source}: contexts that are served apart know each other by keys: set keys to \
                 the name of a file"
            );
            return Err(Stop::new(Code::Usage, line));
        }
        Ok(())
    }

    /// Whether somebody has set it.
    pub fn is_set(&self, name: &str) -> bool {
        *self.source(name) != Source::Default
    }

    /// Where a value of a context came from.
    pub(super) fn source_of(&self, context: &str, own: Own) -> &Source {
        let mut found = self.contexts.iter().filter(|(name, it, _)| name == context && *it == own);
        found.next().map_or(&Source::Default, |(_, _, source)| source)
    }

    /// Where a setting came from.
    pub(super) fn source(&self, name: &str) -> &Source {
        let at = all().position(|it| it.name == name);
        at.and_then(|at| self.sources.get(at)).unwrap_or(&Source::Default)
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
                Own::At => settings.places.get(context).map(|it| it.join(",")),
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
        for (context, line) in &file.named {
            let source = Source::File(file.name.clone(), *line);
            if !known.contains(context.as_str()) {
                return Err(unknown(&source, context, contexts));
            }
            self.named.push((context.clone(), source));
        }
        for (context, own, text, line) in &file.contexts {
            let source = Source::File(file.name.clone(), *line);
            self.place(context, *own, text, &source)?;
            self.contexts.push((context.clone(), *own, source));
        }
        Ok(())
    }

    fn place(&mut self, context: &str, own: Own, text: &str, source: &Source) -> Outcome {
        let Settings { databases, stores, places, .. } = &mut self.settings;
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
                let all: Vec<_> = text.split(',').map(|it| it.trim().to_owned()).collect();
                between::Target::of(all.iter().map(String::as_str))
                    .map_err(|error| Stop::new(Code::Usage, format!("{source}: {error}")))?;
                places.insert(context.to_owned(), all);
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

fn unknown(source: &Source, context: &str, known: &[&str]) -> Stop {
    let known = known.join(", ");
    Stop::new(Code::Usage, format!("{source}: unknown context \"{context}\" (known: {known})"))
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

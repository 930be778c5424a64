//! The table as keys of a file.

use std::{fs, io::ErrorKind, ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::table::{Setting, all};
use crate::exit::{Code, Outcome, Stop};

/// What is read where no file is named, if it is there.
const USUAL: &str = "madang.toml";
/// The key of what can be a list.
const AT: &str = "at";

/// A file of settings.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    /// Setting, value, line.
    pub(super) values: Vec<(&'static Setting, String, usize)>,
    /// Context, which of its own, value, line.
    pub(super) contexts: Vec<(String, Own, String, usize)>,
    /// Every context that has a place in it, and its line.
    pub(super) named: Vec<(String, usize)>,
}

/// What a context can have for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// A file of its own.
    Database,
    /// An engine of its own.
    Store,
    /// Addresses where it is served, for other processes and for a gateway.
    At,
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

impl File {
    /// The file named, or the usual one if it is there.
    pub(super) fn found(named: Option<&Path>) -> Outcome<Option<Self>> {
        let path = named.unwrap_or(Path::new(USUAL));
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Reading { name: &name, text: &text }.read().map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(None),
            Err(error) => Err(Stop::new(Code::Usage, format!("{name} cannot be read: {error}"))),
        }
    }
}

impl Own {
    /// Its key.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Store => "store",
            Self::At => AT,
        }
    }
}

/// A file while it is read.
struct Reading<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn read(&self) -> Outcome<File> {
        let parsed = DeTable::parse(self.text);
        let table = parsed.map_err(|error| {
            self.stop(&error.span().unwrap_or(0..0), error.message().trim_end())
        })?;
        let mut file =
            File { name: self.name.to_owned(), values: vec![], contexts: vec![], named: vec![] };
        for (key, value) in table.get_ref() {
            if key.get_ref() == "contexts" {
                self.read_contexts(key, value, &mut file)?;
                continue;
            }
            if key.get_ref() == "gateway" {
                for (key, value) in self.table(key, value)? {
                    self.read_setting("gateway.", key, value, &mut file)?;
                }
                continue;
            }
            self.read_setting("", key, value, &mut file)?;
        }
        Ok(file)
    }

    fn read_setting(
        &self,
        section: &str,
        key: &Key<'_>,
        value: &Value<'_>,
        file: &mut File,
    ) -> Outcome {
        let of_section = |it: &'static Setting| {
            let name = it.name.strip_prefix(section)?;
            (!name.contains('.')).then_some((name, it))
        };
        let found = all().filter_map(of_section).find(|(name, _)| name == key.get_ref());
        let (name, setting) = found.ok_or_else(|| {
            let known: Vec<_> = all().filter_map(of_section).map(|(name, _)| name).collect();
            self.unknown(key, &known.join(", "))
        })?;
        let text = if name == AT { self.words(key, value)? } else { self.word(key, value)? };
        file.values.push((setting, text, self.line(&key.span())));
        Ok(())
    }

    fn read_contexts(&self, key: &Key<'_>, value: &Value<'_>, file: &mut File) -> Outcome {
        for (context, value) in self.table(key, value)? {
            file.named.push((context.get_ref().to_string(), self.line(&context.span())));
            for (key, value) in self.table(context, value)? {
                let own = [Own::Database, Own::Store, Own::At];
                let own = own.into_iter().find(|it| it.name() == key.get_ref());
                let own = own.ok_or_else(|| self.unknown(key, "database, store, at"))?;
                let is_list = own == Own::At;
                let text = if is_list { self.words(key, value)? } else { self.word(key, value)? };
                if text.is_empty() {
                    let line = format!("{} must not be empty", own.name());
                    return Err(self.stop(&key.span(), &line));
                }
                let line = self.line(&key.span());
                file.contexts.push((context.get_ref().to_string(), own, text, line));
            }
        }
        Ok(())
    }

    fn table<'a>(&self, key: &Key<'_>, value: &'a Value<'_>) -> Outcome<&'a DeTable<'a>> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.stop(&key.span(), &format!("{} must be a table", key.get_ref())))
    }

    /// A value as it would be written on the command line.
    fn word(&self, key: &Key<'_>, value: &Value<'_>) -> Outcome<String> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.to_string()),
            DeValue::Boolean(truth) => Ok(truth.to_string()),
            _ => {
                let line = format!("{} must be text, a whole number, true or false", key.get_ref());
                Err(self.stop(&key.span(), &line))
            }
        }
    }

    /// One or several, with commas between them.
    fn words(&self, key: &Key<'_>, value: &Value<'_>) -> Outcome<String> {
        let Some(values) = value.get_ref().as_array() else { return self.word(key, value) };
        let words = values.iter().map(|it| self.word(key, it));
        Ok(words.collect::<Outcome<Vec<_>>>()?.join(","))
    }

    fn unknown(&self, key: &Key<'_>, known: &str) -> Stop {
        self.stop(&key.span(), &format!("unknown key \"{}\" (known: {known})", key.get_ref()))
    }

    fn stop(&self, at: &Range<usize>, what: &str) -> Stop {
        Stop::new(Code::Usage, format!("{}:{}: {what}", self.name, self.line(at)))
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(at.start);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

#[cfg(test)]
mod tests {
    use super::{Own, Reading};

    fn said(text: &str) -> String {
        Reading { name: "madang.toml", text }.read().unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, line) in [
            ("data = \"x\"\nlisen = \"y\"", "madang.toml:2: unknown key \"lisen\""),
            ("[contexts.stock]\nfile = \"y\"", "madang.toml:2: unknown key \"file\""),
            ("data = [1]", "madang.toml:1: data must be"),
            ("\n\ndata = ", "madang.toml:3: "),
            ("contexts = 3", "madang.toml:1: contexts must be a table"),
            ("[gateway]\ndata = \"x\"", "madang.toml:2: unknown key \"data\" (known: listen"),
            ("[contexts.stock]\nat = [[]]", "madang.toml:2: at must be"),
        ] {
            assert!(said(text).contains(line), "{text}: {}", said(text));
        }
    }

    #[test]
    fn values_come_with_their_lines() {
        let text = "lab = true\nsee-through = 300\n\n[contexts.stock]\ndatabase = \"s.sqlite\"\n";
        let file = Reading { name: "it", text }.read().unwrap();
        let mut values: Vec<_> =
            file.values.iter().map(|(it, text, line)| (it.name, text.as_str(), *line)).collect();
        values.sort_unstable();
        assert_eq!(values, [("lab", "true", 1), ("see-through", "300", 2)]);
        assert_eq!(file.contexts, [("stock".to_owned(), Own::Database, "s.sqlite".to_owned(), 5)]);
    }
}

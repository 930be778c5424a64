//! Which engine keeps what happens, and where it is.

use std::fmt;

/// What stands in place of a password.
const HIDDEN: &str = "********";

/// Which engine keeps what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one, in files of the data directory.
    Sqlite,
    /// A server that other processes may use too.
    Postgres(Address),
}

/// Where a server is, and how to get in: printed without the password.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(String);

impl Engine {
    /// As it is written in a setting, or what it must be.
    pub(super) fn of(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            None if text == "sqlite" => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => {
                Ok(Self::Postgres(Address(text.to_owned())))
            }
            _ => Err("must be sqlite or postgres://user:password@host:port/database".into()),
        }
    }
}

impl Engine {
    /// As it is written in a setting, with the password.
    #[must_use]
    pub fn secret(&self) -> &str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(address) => address.secret(),
        }
    }
}

impl Address {
    /// With the password: for whoever knocks there, and nobody else.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite => f.write_str("sqlite"),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hidden(&self.0))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hidden(&self.0))
    }
}

/// A text in which no password stands, if it is like an address at all.
///
/// What is meant as a password ends at the last `@`, whatever is in it; another
/// may stand among the options.
pub(super) fn hidden(text: &str) -> String {
    let (main, options) = match text.split_once("password=") {
        Some((main, options)) => {
            let rest = options.find('&').map_or("", |at| &options[at..]);
            (main, format!("password={HIDDEN}{rest}"))
        }
        None => (text, String::new()),
    };
    let Some((before, host)) = main.rsplit_once('@') else { return format!("{main}{options}") };
    let begin = before.find("://").map_or(0, |at| at + 3);
    let user = match before[begin..].split_once(':') {
        Some((user, _)) => format!("{user}:{HIDDEN}"),
        None => before[begin..].to_owned(),
    };
    format!("{}{user}@{host}{options}", &before[..begin])
}

#[cfg(test)]
mod tests {
    use super::{Engine, hidden};

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown) in [
            ("postgres://kim:se:c@ret@h:5432/x", "postgres://kim:********@h:5432/x"),
            ("postgres://kim@h/x", "postgres://kim@h/x"),
            (
                "postgres://h/x?user=kim&password=secret&a=b",
                "postgres://h/x?user=kim&password=********&a=b",
            ),
            ("postgre:/kim:secret@h", "postgre:********@h"),
            ("sqlite", "sqlite"),
        ] {
            assert_eq!(hidden(text), shown);
        }
        let engine = Engine::of("postgres://kim:secret@h/x").unwrap();
        assert_eq!(format!("{engine} {engine:?}").matches("secret").count(), 0);
    }

    #[test]
    fn there_are_two_engines() {
        for text in ["", "mysql://a", "postgres://", "postgres"] {
            assert!(Engine::of(text).is_err(), "{text}");
        }
        assert_eq!(Engine::of("sqlite"), Ok(Engine::Sqlite));
    }
}

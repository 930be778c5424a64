//! Everything that can be set, described once: the flags, the environment, the
//! file and `madang config` all read this table.

use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;

use super::{Engine, Log, Settings, gateway};

/// Who uses a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// What serves.
    Server,
    /// What talks to a server.
    Client,
    /// What stands in front of servers.
    Gateway,
}

/// One thing that can be set.
#[derive(Debug)]
pub struct Setting {
    /// Its flag without the dashes, and its key in the file.
    pub name: &'static str,
    /// Its name in the environment.
    pub env: &'static str,
    /// What stands for its value in a help text.
    pub value: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Who uses it.
    pub user: User,
    /// Whether its value may be printed.
    pub secret: bool,
    /// Sets it, or says what its value must be.
    pub set: fn(&mut Settings, &str) -> Result<(), String>,
    /// Its value.
    pub show: fn(&Settings) -> String,
}

impl Setting {
    /// Whether naming it alone says yes.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        self.value == SWITCH
    }

    /// Its value as it may be printed.
    #[must_use]
    pub fn shown(&self, settings: &Settings) -> String {
        let value = (self.show)(settings);
        if self.secret && !value.is_empty() { "********".into() } else { value }
    }
}

const SWITCH: &str = "true|false";

/// Everything there is to set.
pub fn all() -> impl Iterator<Item = &'static Setting> + Clone {
    TABLE.iter().chain(gateway::TABLE)
}

static TABLE: &[Setting] = &[
    Setting {
        name: "listen",
        env: "MADANG_LISTEN",
        value: "ADDRESS",
        help: "Where to listen; port 0 takes any free port",
        user: User::Server,
        secret: false,
        set: |to, text| filled(text).map(|text| to.listen = text),
        show: |it| it.listen.clone(),
    },
    Setting {
        name: "context-ports",
        env: "MADANG_CONTEXT_PORTS",
        value: "FIRST_PORT",
        help: "Give each context a port of its own too, counted on from this one",
        user: User::Server,
        secret: false,
        set: |to, text| match text.parse() {
            Ok(port) => {
                to.context_ports = Some(port);
                Ok(())
            }
            Err(_) => Err("must be a port between 0 and 65535".into()),
        },
        show: |it| it.context_ports.map(|port| port.to_string()).unwrap_or_default(),
    },
    Setting {
        name: "context",
        env: "MADANG_CONTEXT",
        value: "NAME[,NAME…]",
        help: "Serve only these contexts; [contexts.NAME] at = says where the others are",
        user: User::Server,
        secret: false,
        set: |to, text| names(text).map(|names| to.contexts = names),
        show: |it| it.contexts.join(","),
    },
    Setting {
        name: "keys",
        env: "MADANG_KEYS",
        value: "FILE",
        help: "The keys, one a line, by which the processes of a deployment know each other; the \
               first signs, all are believed",
        user: User::Server,
        secret: false,
        set: |to, text| filled(text).map(|text| to.keys = Some(text.into())),
        show: |it| it.keys.as_ref().map(|it| it.display().to_string()).unwrap_or_default(),
    },
    Setting {
        name: "bus",
        env: "MADANG_BUS",
        value: "URL",
        help: "Where processes hear of each other's events, as kafka://host:9092; without it they \
               ask each other",
        user: User::Server,
        secret: false,
        set: |to, text| match bus_kafka::Settings::of(text) {
            Ok(_) => {
                to.bus = Some(text.to_owned());
                Ok(())
            }
            Err(_) => Err("must be kafka://HOST:PORT[,HOST:PORT…]".into()),
        },
        show: |it| it.bus.clone().unwrap_or_default(),
    },
    Setting {
        name: "data",
        env: "MADANG_DATA",
        value: "DIR",
        help: "The directory of the databases; it is made where it is missing",
        user: User::Server,
        secret: false,
        set: |to, text| filled(text).map(|text| to.data = text.into()),
        show: |it| it.data.display().to_string(),
    },
    Setting {
        name: "store",
        env: "MADANG_STORE",
        value: "ENGINE",
        help: "What keeps the contexts: sqlite, or postgres://user:password@host:port/database, \
               which several processes may share",
        user: User::Server,
        secret: false, // only the password in it, which is never shown
        set: |to, text| Engine::of(text).map(|engine| to.store = engine),
        show: |it| it.store.to_string(),
    },
    Setting {
        name: "lab",
        env: "MADANG_LAB",
        value: SWITCH,
        help: "Open the failure lab: any context and any outside system can be made to fail",
        user: User::Server,
        secret: false,
        set: |to, text| truth(text).map(|truth| to.lab = truth),
        show: |it| it.lab.to_string(),
    },
    Setting {
        name: "open",
        env: "MADANG_OPEN",
        value: SWITCH,
        help: "Listen on an address that others can reach, although nobody has to sign in",
        user: User::Server,
        secret: false,
        set: |to, text| truth(text).map(|truth| to.open = truth),
        show: |it| it.open.to_string(),
    },
    Setting {
        name: "see-through",
        env: "MADANG_SEE_THROUGH",
        value: "MS",
        help: "How many milliseconds a caller waits for a case to settle before 202 is answered",
        user: User::Server,
        secret: false,
        set: |to, text| match text.parse() {
            Ok(ms @ 0..=60_000) => {
                to.see_through = Duration::from_millis(ms);
                Ok(())
            }
            _ => Err("must be a number of milliseconds, at most 60000".into()),
        },
        show: |it| it.see_through.as_millis().to_string(),
    },
    Setting {
        name: "log",
        env: "MADANG_LOG_FORMAT",
        value: "text|json",
        help: "How log lines are written, on standard error",
        user: User::Server,
        secret: false,
        set: |to, text| {
            to.log = match text {
                "text" => Log::Text,
                "json" => Log::Json,
                _ => return Err("must be text or json".into()),
            };
            Ok(())
        },
        show: |it| String::from(if it.log == Log::Json { "json" } else { "text" }),
    },
    Setting {
        name: "log-filter",
        env: "MADANG_LOG",
        value: "FILTER",
        help: "Which log lines are written: a level, or a level for each part (info,runtime=debug)",
        user: User::Server,
        secret: false,
        set: |to, text| {
            let filter = text.parse::<tracing_subscriber::filter::Targets>();
            let is_level = |it: &str| it.contains('=') || it.trim().parse::<LevelFilter>().is_ok();
            // A word that is no level would be taken for a part, and nothing else be written.
            if filter.is_err() || !text.split(',').all(is_level) {
                return Err("must be a level, such as info or runtime=debug".into());
            }
            filled(text).map(|text| to.log_filter = text)
        },
        show: |it| it.log_filter.clone(),
    },
    Setting {
        name: "url",
        env: "MADANG_URL",
        value: "URL[,URL…]",
        help: "Where the running server is; several, where contexts run apart",
        user: User::Client,
        secret: false,
        set: |to, text| {
            let is_one = |it: &str| it.strip_prefix("http://").is_some_and(|it| !it.is_empty());
            if !text.split(',').all(is_one) {
                return Err("must begin with http://".into());
            }
            let urls: Vec<_> = text.split(',').map(|it| it.trim_end_matches('/')).collect();
            to.url = urls.join(",");
            Ok(())
        },
        show: |it| it.url.clone(),
    },
];

pub fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("must not be empty".into()) } else { Ok(text.to_owned()) }
}

fn names(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<_> = text.split(',').map(|it| it.trim().to_owned()).collect();
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|it| it.is_empty() || !seen.insert(it.as_str())) {
        None => Ok(names),
        Some(none) if none.is_empty() => Err("must be names joined by commas".into()),
        Some(_) => Err("must name no context twice".into()),
    }
}

fn truth(text: &str) -> Result<bool, String> {
    match text {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Setting, Settings, all};

    #[test]
    fn every_default_can_be_set_again() {
        let mut settings = Settings::default();
        for setting in all() {
            let shown = (setting.show)(&settings);
            if !shown.is_empty() {
                assert_eq!((setting.set)(&mut settings, &shown), Ok(()), "{}", setting.name);
            }
        }
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn no_name_is_used_twice() {
        let names: BTreeSet<_> = all().flat_map(|it| [it.name, it.env]).collect();
        assert_eq!(names.len(), all().count() * 2);
    }

    #[test]
    fn a_wrong_value_is_refused() {
        let wrong = [("listen", ""), ("context-ports", "70000"), ("lab", "maybe")];
        let more = [
            ("see-through", "-1"),
            ("log", "xml"),
            ("context", "stock,stock"),
            ("context", "stock,"),
            ("keys", ""),
            ("bus", "amqp://host"),
            ("url", "https://a"),
            ("data", " "),
            ("store", "x"),
            ("log-filter", "loud"),
            ("log-filter", "info,loud"),
            ("gateway.at", "nowhere"),
            ("gateway.rate", "-1"),
            ("gateway.deadline", "0"),
        ];
        for (name, text) in wrong.into_iter().chain(more) {
            let setting = all().find(|it| it.name == name).unwrap();
            assert!((setting.set)(&mut Settings::default(), text).is_err(), "{name} = {text}");
        }
    }

    #[test]
    fn a_secret_is_masked_where_there_is_one() {
        let secret = Setting {
            name: "secret",
            env: "SECRET",
            value: "WORD",
            help: "",
            user: super::User::Server,
            secret: true,
            set: |_, _| Ok(()),
            show: |it| it.url.clone(),
        };
        assert_eq!(secret.shown(&Settings::default()), "********");
        assert_eq!(secret.shown(&Settings { url: String::new(), ..Settings::default() }), "");
    }
}

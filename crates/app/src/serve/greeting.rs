//! What is said at the start: what runs, where, and what to try.

use std::{collections::BTreeSet, fmt, net::SocketAddr, path::PathBuf};

use kernel::{Sentence, System};

use super::doors::Doors;
use crate::settings::{Engine, Settings};

/// What is said at the start.
pub struct Greeting {
    name: &'static str,
    title: Sentence,
    address: SocketAddr,
    contexts: Vec<(&'static str, SocketAddr)>,
    data: PathBuf,
    servers: BTreeSet<String>,
    alone: bool,
    lab: bool,
}

/// One language: its words for each line.
struct Words {
    address: &'static str,
    contexts: &'static str,
    data: &'static str,
    rights: (&'static str, &'static str, &'static str),
    lab: (&'static str, &'static str, &'static str),
    end: &'static str,
}

const KOREAN: Words = Words {
    address: "주소    ",
    contexts: "컨텍스트",
    data: "데이터  ",
    rights: (
        "권한    ",
        "로그인이 아직 없어요. 이 컴퓨터에서는 누구나 모든 역할을 할 수 있어요.",
        "로그인이 아직 없어요. 이 주소에 닿는 누구나 모든 역할을 할 수 있어요!",
    ),
    lab: ("실험실  ", "켜짐 (madang lab)", "꺼짐 (--lab 으로 켜요)"),
    end: "끝내려면 Ctrl+C",
};

const ENGLISH: Words = Words {
    address: "address ",
    contexts: "contexts",
    data: "data    ",
    rights: (
        "access  ",
        "nobody has to sign in yet: on this computer everyone may act in every role",
        "nobody has to sign in yet: whoever reaches this address may act in every role!",
    ),
    lab: ("lab     ", "on (madang lab)", "off (--lab turns it on)"),
    end: "Ctrl+C ends it",
};

impl Greeting {
    /// What is to be said of these.
    pub fn of(system: &System, doors: &Doors, settings: &Settings, alone: bool) -> Self {
        let data = &settings.data;
        Self {
            name: system.name,
            title: system.title.clone(),
            address: doors.main.address(),
            contexts: doors.contexts.iter().map(|(name, it)| (*name, it.address())).collect(),
            data: std::path::absolute(data).unwrap_or_else(|_| data.clone()),
            servers: [&settings.store]
                .into_iter()
                .chain(settings.stores.values())
                .filter(|it| matches!(it, Engine::Postgres(_)))
                .map(ToString::to_string)
                .collect(),
            alone,
            lab: settings.lab,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, words: &Words, title: &str) -> fmt::Result {
        let Self { name, address, .. } = self;
        writeln!(f, "madang · {title} ({name})")?;
        let root = if self.alone { format!("  http://{address}") } else { String::new() };
        writeln!(f, "  {}  http://{address}/{name}{root}", words.address)?;
        if !self.contexts.is_empty() {
            let ports = self.contexts.iter().map(|(name, it)| format!("{name} {}", it.port()));
            writeln!(f, "  {}  {}", words.contexts, ports.collect::<Vec<_>>().join(" · "))?;
        }
        writeln!(f, "  {}  {}", words.data, self.data.display())?;
        for server in &self.servers {
            writeln!(f, "  {}  {server}", words.data)?;
        }
        let (name, loopback, open) = words.rights;
        let rights = if address.ip().is_loopback() { loopback } else { open };
        writeln!(f, "  {name}  {rights}")?;
        let (name, on, off) = words.lab;
        writeln!(f, "  {name}  {}", if self.lab { on } else { off })?;
        writeln!(f, "  {}\n", words.end)
    }

    /// The URL to say, where it is not the one that is taken for granted.
    fn url(&self) -> String {
        let address = self.address;
        if address.to_string() == "127.0.0.1:8080" {
            return String::new();
        }
        format!(" --url http://{address}")
    }
}

impl fmt::Display for Greeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &KOREAN, &self.title.ko)?;
        self.write(f, &ENGLISH, &self.title.en)?;
        let (address, name, url) = (self.address, self.name, self.url());
        writeln!(f, "해 보기 · try")?;
        writeln!(f, "  curl http://{address}/{name}")?;
        writeln!(f, "  madang demo{url}")?;
        writeln!(f, "  madang events --follow{url}")
    }
}

//! Who is started, and what each of them is told: one file of settings for all,
//! written to the data directory.

use std::{
    fmt::{self, Write as _},
    fs,
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
};

use kernel::{Sentence, System};

use super::keys;
use crate::{
    exit::{Code, OrStop, Outcome, Stop},
    settings::{Effective, Settings, all},
};

/// Where the ports of the contexts begin, if they are free.
const FIRST_PORT: u16 = 7101;

/// Who is started, and what they are told.
pub struct Plan {
    /// The business, as `serve` takes it.
    pub system: &'static str,
    title: Sentence,
    /// The settings of all of them.
    pub file: PathBuf,
    data: PathBuf,
    /// Who is started.
    pub members: Vec<Place>,
    /// The one address for everybody, and that for operators.
    gateway: (String, String),
    /// Whether the log is for a program: then its lines stay as they are.
    pub is_json: bool,
}

/// A context, and where its process listens.
pub struct Place {
    pub context: &'static str,
    /// `127.0.0.1:7101`
    pub address: String,
}

impl Plan {
    /// Chooses what is not set, makes the key, and writes the file.
    pub fn of(system: &System, effective: &Effective) -> Outcome<Self> {
        let names: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
        effective.can_be_apart(&names)?;
        let settings = &effective.settings;
        let data = &settings.data;
        let unusable = |error| {
            let data = data.display();
            Stop::new(Code::Data, format!("{data} cannot be used as a directory: {error}"))
        };
        fs::create_dir_all(data).map_err(unusable)?;
        let keys = settings.keys.clone().unwrap_or_else(|| data.join("keys"));
        if settings.keys.is_none() {
            keys::make(&keys)?;
        }
        let members = places(&names, settings)?;
        let gateway = gateway(effective)?;
        let file = data.join("apart.toml");
        let text = written(settings, &keys, &members, &gateway)?;
        let unwritten =
            |error| Stop::new(Code::Data, format!("{} cannot be written: {error}", file.display()));
        let mut out = keys::secret(&file, false).map_err(unwritten)?;
        out.write_all(text.as_bytes()).map_err(unwritten)?;
        let is_json = settings.log == crate::settings::Log::Json;
        let (data, title) = (data.clone(), system.title.clone());
        Ok(Self { system: system.name, title, file, data, members, gateway, is_json })
    }
}

/// Where each context is: as it is set, or the next free port.
fn places(names: &[&'static str], settings: &Settings) -> Outcome<Vec<Place>> {
    let first = settings.context_ports.unwrap_or(FIRST_PORT);
    let ports = (0_u16..).map_while(|count| first.checked_add(count));
    let block: Vec<_> = if first == 0 { Vec::new() } else { ports.take(names.len()).collect() };
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let chosen = settings.context_ports.is_some_and(|it| it > 0);
    let mut held = Vec::new();
    let mut places = Vec::new();
    let usable = block.len() == names.len() && (chosen || block.iter().all(is_free));
    for (index, context) in names.iter().copied().enumerate() {
        let set = settings.places.get(context).and_then(|it| it.first());
        let address = match (set, usable) {
            (Some(url), _) => url.trim_start_matches("http://").trim_end_matches('/').to_owned(),
            (None, true) => format!("127.0.0.1:{}", block[index]),
            (None, false) => {
                // Held until all are chosen, so that none is given out twice.
                let any = TcpListener::bind("127.0.0.1:0").or_stop(Code::Port)?;
                let address = any.local_addr().or_stop(Code::Port)?.to_string();
                held.push(any);
                address
            }
        };
        places.push(Place { context, address });
    }
    Ok(places)
}

/// Where the gateway listens, for everybody and for operators: as it is set, or
/// where it does usually, or anywhere if somebody else is there.
fn gateway(effective: &Effective) -> Outcome<(String, String)> {
    let mut held = Vec::new();
    let mut address = |name: &str, address: &str| -> Outcome<String> {
        let is_free = || effective.is_set(name) || TcpListener::bind(address).is_ok();
        if !address.ends_with(":0") && is_free() {
            return Ok(address.to_owned());
        }
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let any = TcpListener::bind(format!("{host}:0")).or_stop(Code::Port)?;
        let address = any.local_addr().or_stop(Code::Port)?.to_string();
        held.push(any);
        Ok(address)
    };
    let own = &effective.settings.gateway;
    let public = address("gateway.listen", &own.listen)?;
    Ok((public, address("gateway.operators", &own.operators)?))
}

/// The settings of all of them, as a file.
fn written(
    settings: &Settings,
    keys: &Path,
    members: &[Place],
    (public, operators): &(String, String),
) -> Outcome<String> {
    let urls: Vec<_> = members.iter().map(|it| format!("http://{}", it.address)).collect();
    let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let mut file = String::from("# Written at every start of `madang apart`.\n");
    let mut line = |name: &str, value: &str| writeln!(file, "{name} = {}", text(value));
    for setting in all() {
        let value = match setting.name {
            // Said to each of them, or below.
            "context" | "context-ports" | "gateway.at" => continue,
            "keys" => keys.display().to_string(),
            "store" => settings.store.secret().to_owned(),
            "url" => urls.join(","),
            "gateway.listen" => public.clone(),
            "gateway.operators" => operators.clone(),
            _ => (setting.show)(settings),
        };
        if !value.is_empty() {
            line(setting.name, &value).or_stop(Code::Internal)?;
        }
    }
    for (Place { context, .. }, url) in members.iter().zip(&urls) {
        let mut own = format!("\n[contexts.{context}]\nat = {}\n", text(url));
        let database = settings.databases.get(*context).map(|it| it.display().to_string());
        let store = settings.stores.get(*context).map(|it| it.secret().to_owned());
        for (name, value) in [("database", database), ("store", store)] {
            if let Some(value) = value {
                writeln!(own, "{name} = {}", text(&value)).or_stop(Code::Internal)?;
            }
        }
        file.push_str(&own);
    }
    Ok(file)
}

/// What is said when all of them are up.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, title, file, data, members, gateway: (public, operators), .. } = self;
        writeln!(f, "madang · {} · {} ({system})", title.ko, title.en)?;
        writeln!(f, "  컨텍스트마다 프로세스 하나 · one process for each context")?;
        for Place { context, address } in members {
            let context = crate::columns::padded(context, 9, false);
            writeln!(f, "  {context}  http://{address}/{system}")?;
        }
        writeln!(f, "  관문 · gateway  http://{public}")?;
        writeln!(f, "  운영자 · operators  http://{operators}/ops/ledger")?;
        writeln!(f, "  데이터 · data  {}", data.display())?;
        writeln!(f, "  끝내려면 Ctrl+C · Ctrl+C ends it\n")?;
        writeln!(f, "해 보기 · try")?;
        writeln!(f, "  curl http://{public}/")?;
        writeln!(f, "  madang ledger --config {}", file.display())?;
        writeln!(f, "  madang case 1 --config {}", file.display())
    }
}

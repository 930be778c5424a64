//! The ports: one for everything, and one for each context where that is asked.

use std::net::SocketAddr;

use kernel::System;
use rest::edge::listen::{ListenError, Listener, listen};

use crate::{
    exit::{Code, Outcome, Stop},
    settings::Settings,
};

/// Open ports, not yet served.
pub struct Doors {
    /// For everything.
    pub main: Listener,
    /// For one context each, by its name.
    pub contexts: Vec<(&'static str, Listener)>,
}

impl Doors {
    /// Opens them all, or none.
    pub fn open(system: &System, settings: &Settings) -> Outcome<Self> {
        let main = open(&settings.listen, settings)?;
        let host = main.address().ip();
        let mut contexts = Vec::new();
        if let Some(first) = settings.context_ports {
            let names = system.contexts.iter().map(|it| it.name).filter(|it| settings.serves(it));
            for (name, count) in names.zip(0_u16..) {
                let address = SocketAddr::new(host, counted(first, count)?);
                contexts.push((name, listen(&address.to_string()).map_err(stop)?));
            }
        }
        Ok(Self { main, contexts })
    }
}

/// Opens one, if those who reach it may.
pub fn open(address: &str, settings: &Settings) -> Outcome<Listener> {
    let door = listen(address).map_err(stop)?;
    let host = door.address().ip();
    if !host.is_loopback() && !settings.open {
        let line = format!(
            "nobody has to sign in yet, so {host} would let everyone who reaches it act in every \
             role; say --open if that is meant"
        );
        return Err(Stop::new(Code::Usage, line));
    }
    Ok(door)
}

/// The port of the context with this number; any free one, if the first is any.
fn counted(first: u16, count: u16) -> Outcome<u16> {
    if first == 0 {
        return Ok(0);
    }
    let line = format!("there are not enough ports above {first} for all contexts");
    first.checked_add(count).ok_or_else(|| Stop::new(Code::Usage, line))
}

fn stop(error: ListenError) -> Stop {
    let code = if let ListenError::BadAddress { .. } = error { Code::Usage } else { Code::Port };
    Stop::new(code, error)
}

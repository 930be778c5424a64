//! What can be set of a gateway.

use std::{collections::BTreeMap, time::Duration};

use gateway::Places;

use super::{
    Settings,
    table::{Setting, User, filled},
};

/// What is in force of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Where it listens for everybody.
    pub listen: String,
    /// Where it listens for operators.
    pub operators: String,
    /// Where the contexts are served.
    pub at: Places,
    /// How long an answer may take.
    pub deadline: Duration,
    /// How many requests a client may make each second.
    pub rate: u32,
}

impl Default for Gateway {
    fn default() -> Self {
        let usual = gateway::Settings::default();
        Self {
            listen: "127.0.0.1:8088".into(),
            operators: "127.0.0.1:8089".into(),
            at: Places::default(),
            deadline: usual.deadline,
            rate: usual.rate,
        }
    }
}

impl Settings {
    /// Where a gateway finds the contexts: as it was told, and otherwise where the other processes
    /// find them.
    #[must_use]
    pub fn routes(&self) -> Places {
        let mut routes = self.gateway.at.clone();
        for (context, urls) in &self.places {
            let bare = || urls.iter().map(|it| bare(it).to_owned()).collect();
            routes.contexts.entry(context.clone()).or_insert_with(bare);
        }
        routes
    }
}

/// What can be set of it: keys of `[gateway]` in the file, flags of `madang gateway`.
pub static TABLE: &[Setting] = &[
    Setting {
        name: "gateway.listen",
        env: "MADANG_GATEWAY_LISTEN",
        value: "ADDRESS",
        help: "Where to listen for everybody; port 0 takes any free port",
        user: User::Gateway,
        secret: false,
        set: |to, text| filled(text).map(|text| to.gateway.listen = text),
        show: |it| it.gateway.listen.clone(),
    },
    Setting {
        name: "gateway.operators",
        env: "MADANG_GATEWAY_OPERATORS",
        value: "ADDRESS",
        help: "Where to listen for operators: the ledger of all contexts, and metrics",
        user: User::Gateway,
        secret: false,
        set: |to, text| filled(text).map(|text| to.gateway.operators = text),
        show: |it| it.gateway.operators.clone(),
    },
    Setting {
        name: "gateway.at",
        env: "MADANG_GATEWAY_AT",
        value: "[CONTEXT=]HOST:PORT,...",
        help: "Where the contexts are served; a name stands for all of its addresses, and what \
               names no context for every context that is not named",
        user: User::Gateway,
        secret: false,
        set: |to, text| places(text, &mut to.gateway.at),
        show: |it| shown(&it.gateway.at),
    },
    Setting {
        name: "gateway.deadline",
        env: "MADANG_GATEWAY_DEADLINE",
        value: "MS",
        help: "How many milliseconds an answer may take, beside what the caller prefers to wait",
        user: User::Gateway,
        secret: false,
        set: |to, text| match text.parse() {
            Ok(ms @ 1..=600_000) => {
                to.gateway.deadline = Duration::from_millis(ms);
                Ok(())
            }
            _ => Err("must be a number of milliseconds, at least 1 and at most 600000".into()),
        },
        show: |it| it.gateway.deadline.as_millis().to_string(),
    },
    Setting {
        name: "gateway.rate",
        env: "MADANG_GATEWAY_RATE",
        value: "COUNT",
        help: "How many requests one client may make each second, with twice as many at once; 0 \
               for as many as it likes",
        user: User::Gateway,
        secret: false,
        set: |to, text| match text.parse() {
            Ok(rate @ 0..=1_000_000) => {
                to.gateway.rate = rate;
                Ok(())
            }
            _ => Err("must be a whole number, at most 1000000".into()),
        },
        show: |it| it.gateway.rate.to_string(),
    },
];

/// Puts these in the place of what was said of the same contexts before.
fn places(text: &str, into: &mut Places) -> Result<(), String> {
    let must = || "must be a list of host:port, each after its context and = or for all".to_owned();
    let (mut common, mut contexts) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for one in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        let (context, at) = one.rsplit_once('=').unwrap_or(("", one));
        let at = bare(at);
        let port = at.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.is_none_or(|(_, port)| port.parse::<u16>().is_err()) || at.contains('/') {
            return Err(must());
        }
        match context.trim() {
            "" => common.push(at.to_owned()),
            context => contexts.entry(context.to_owned()).or_default().push(at.to_owned()),
        }
    }
    if common.is_empty() && contexts.is_empty() {
        return Err(must());
    }
    if !common.is_empty() {
        into.common = common;
    }
    into.contexts.extend(contexts);
    Ok(())
}

/// As an address is written for those who ask, or bare already.
fn bare(at: &str) -> &str {
    at.strip_prefix("http://").unwrap_or(at).trim_end_matches('/')
}

fn shown(places: &Places) -> String {
    let named = places
        .contexts
        .iter()
        .flat_map(|(context, at)| at.iter().map(move |at| format!("{context}={at}")));
    places.common.iter().cloned().chain(named).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{Places, places, shown};

    #[test]
    fn places_are_said_for_all_and_for_one() {
        let mut at = Places::default();
        places("a:1, http://b:2/,stock=[::1]:3,stock=http://c:4", &mut at).unwrap();
        assert_eq!(at.of("request"), ["a:1", "b:2"]);
        assert_eq!(at.of("stock"), ["[::1]:3", "c:4"]);
        assert_eq!(shown(&at), "a:1,b:2,stock=[::1]:3,stock=c:4");
        places("stock=d:5", &mut at).unwrap();
        assert_eq!((at.of("stock"), at.of("payment")), (&["d:5".to_owned()][..], at.of("request")));
        for wrong in ["", "a", "a:", ":1", "https://a:1", "http://a:1/b", "a:70000", "stock="] {
            assert!(places(wrong, &mut at).is_err(), "{wrong}");
        }
    }
}

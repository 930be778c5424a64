//! The databases of one business, and who plays the world outside.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::System;
use payment_simulator::PaymentSimulator;
use runtime::{
    ports::Outside,
    store::{Layout, Store},
};
use store_sqlite::{Options, SqliteStore};

use crate::{
    exit::{Code, Outcome, Stop},
    settings::Settings,
};

/// The databases of one business, open.
pub struct Data {
    /// Each database, and the contexts in it.
    pub stores: Vec<(Arc<SqliteStore>, Vec<&'static str>)>,
    /// Who plays the world outside.
    pub outside: Vec<Arc<dyn Outside>>,
}

impl Data {
    /// Opens what is there, and makes what is missing, in this order: where one
    /// database cannot be used, no other has been made.
    pub fn open(system: &System, settings: &Settings) -> Outcome<Self> {
        let directory = &settings.data;
        fs::create_dir_all(directory).map_err(|error| {
            let directory = directory.display();
            Stop::new(Code::Data, format!("{directory} cannot be used as a directory: {error}"))
        })?;
        let mut placed: Vec<_> = placed(system, settings).into_iter().collect();
        placed.sort_by_key(|(path, _)| !path.exists());
        let mut stores = Vec::new();
        for (path, contexts) in placed {
            let layout = Layout::of(system, &contexts);
            let store = SqliteStore::open(&path, layout, &Options::default()).map_err(data)?;
            nothing_left_behind(system, &store, &path)?;
            stores.push((Arc::new(store), contexts));
        }
        let outside = wished(system).into_iter().map(|name| player(name, system, directory));
        Ok(Self { stores, outside: outside.collect::<Outcome<_>>()? })
    }

    /// As the runtime takes them.
    pub fn placed(&self) -> Vec<(Arc<dyn Store>, Vec<&'static str>)> {
        let stores = self.stores.iter();
        stores.map(|(it, contexts)| (Arc::clone(it) as _, contexts.clone())).collect()
    }
}

/// The files of a business, from its folder on: its databases, and the records of those who play
/// the world outside. They belong together: who forgets what was charged charges it again.
pub fn files(system: &System, settings: &Settings) -> Outcome<Vec<PathBuf>> {
    let directory = &settings.data;
    let databases = placed(system, settings).into_keys();
    let records = wished(system).into_iter().map(|name| record(name, system, directory));
    let files = databases.chain(records).filter(|it| it.exists());
    let inside = files.map(|it| match it.strip_prefix(directory) {
        Ok(inside) => Ok(inside.to_owned()),
        Err(_) => {
            let (it, directory) = (it.display(), directory.display());
            let line = format!(
                "{it} is outside of {directory}, so that a copy could not be served in its place"
            );
            Err(Stop::new(Code::Usage, line))
        }
    });
    inside.collect()
}

/// Which context is in which database.
fn placed(system: &System, settings: &Settings) -> BTreeMap<PathBuf, Vec<&'static str>> {
    let shared = settings.data.join(system.name).with_extension("sqlite");
    let mut placed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for context in &system.contexts {
        let own = settings.databases.get(context.name);
        let path = own.map_or_else(|| shared.clone(), |own| settings.data.join(own));
        placed.entry(path).or_default().push(context.name);
    }
    placed
}

/// The outside systems that a business wants something of.
fn wished(system: &System) -> Vec<&'static str> {
    let effects = system.contexts.iter().flat_map(|it| &it.effects);
    let mut names: Vec<_> = effects.map(|it| it.to).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Who plays an outside system.
fn player(name: &'static str, system: &System, directory: &Path) -> Outcome<Arc<dyn Outside>> {
    let record = record(name, system, directory);
    match name {
        payment_simulator::NAME => {
            PaymentSimulator::open(&record).map(|it| Arc::new(it) as _).map_err(data)
        }
        _ => Err(Stop::new(Code::Internal, format!("nobody plays {name}"))),
    }
}

fn record(name: &str, system: &System, directory: &Path) -> PathBuf {
    directory.join(format!("{}-{name}.sqlite", system.name))
}

/// A context with a history here must not begin anew in another database.
fn nothing_left_behind(system: &System, store: &SqliteStore, path: &Path) -> Outcome<()> {
    for name in store.left_behind().map_err(data)? {
        if system.context(&name).is_some() {
            let line = format!(
                "{name} has its history in {}, and is to be kept in another database now: take \
                 `database` out of [contexts.{name}]",
                path.display()
            );
            return Err(Stop::new(Code::Data, line));
        }
    }
    Ok(())
}

fn data(error: impl std::error::Error) -> Stop {
    Stop::new(Code::Data, error)
}

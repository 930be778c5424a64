//! The databases of one business, and who plays the world outside.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::System;
use payment_simulator::PaymentSimulator;
use runtime::{ports::Outside, store::Store};

use super::database::{Database, Place, data};
use crate::{
    exit::{Code, Outcome, Stop},
    settings::{Engine, Settings},
};

/// The databases of one business, open.
pub struct Data {
    /// Each database, and the contexts in it.
    pub stores: Vec<(Database, Vec<&'static str>)>,
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
        placed.sort_by_key(|(place, _)| place.is_new());
        nothing_forgotten(system, settings, &placed)?;
        let mut stores = Vec::new();
        for (place, contexts) in &placed {
            let store = place.open(system, contexts)?;
            nothing_left_behind((system, settings), &store, place, &placed)?;
            stores.push((store, contexts.clone()));
        }
        nothing_lost(&stores)?;
        let outside = wished(system, settings).into_iter();
        let outside = outside.map(|name| player(name, system, directory));
        Ok(Self { stores, outside: outside.collect::<Outcome<_>>()? })
    }

    /// As the runtime takes them.
    pub fn placed(&self) -> Vec<(Arc<dyn Store>, Vec<&'static str>)> {
        let stores = self.stores.iter();
        stores.map(|(it, contexts)| (it.store(), contexts.clone())).collect()
    }
}

/// The files of a business, from its folder on: its databases, and the records of those who play
/// the world outside. They belong together: who forgets what was charged charges it again.
pub fn files(system: &System, settings: &Settings) -> Outcome<Vec<PathBuf>> {
    let directory = &settings.data;
    let mut files = Vec::new();
    for place in placed(system, settings).into_keys() {
        match place {
            Place::File(path) => files.push(path),
            Place::Server(_, context) => {
                let line = format!(
                    "{context} is kept at {place}, and only that server can copy it (pg_dump); a \
                     copy of files alone would not be of the same moment"
                );
                return Err(Stop::new(Code::Usage, line));
            }
        }
    }
    files.extend(wished(system, settings).into_iter().map(|name| record(name, system, directory)));
    let files = files.into_iter().filter(|it| it.exists());
    let inside = files.map(|it| {
        if let Ok(inside) = it.strip_prefix(directory) {
            return Ok(inside.to_owned());
        }
        let (it, directory) = (it.display(), directory.display());
        let line = format!(
            "{it} is outside of {directory}, so that a copy could not be served in its place"
        );
        Err(Stop::new(Code::Usage, line))
    });
    inside.collect()
}

type Placed = (Place, Vec<&'static str>);

/// Which context is in which database. The name of a file says that it is one.
fn placed(system: &System, settings: &Settings) -> BTreeMap<Place, Vec<&'static str>> {
    let mut placed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for context in system.contexts.iter().filter(|it| settings.serves(it.name)) {
        let own = settings.databases.get(context.name);
        let engine = settings.stores.get(context.name).unwrap_or(&settings.store);
        let place = match (own, engine) {
            (Some(own), _) => Place::File(settings.data.join(own)),
            // A file has one process: who serves apart shares none.
            (None, Engine::Sqlite) if !settings.contexts.is_empty() => {
                let name = format!("{}-{}.sqlite", system.name, context.name);
                Place::File(settings.data.join(name))
            }
            (None, Engine::Sqlite) => common(system, settings),
            (None, Engine::Postgres(address)) => Place::Server(address.clone(), context.name),
        };
        placed.entry(place).or_default().push(context.name);
    }
    placed
}

/// Where every context is of which nothing else is said.
fn common(system: &System, settings: &Settings) -> Place {
    Place::File(settings.data.join(system.name).with_extension("sqlite"))
}

/// The outside systems that a business wants something of.
fn wished(system: &System, settings: &Settings) -> Vec<&'static str> {
    let served = system.contexts.iter().filter(|it| settings.serves(it.name));
    let effects = served.flat_map(|it| &it.effects);
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

/// Who moves to a server must not forget the file that was there without any
/// setting: its contexts would begin anew.
fn nothing_forgotten(system: &System, settings: &Settings, placed: &[Placed]) -> Outcome {
    let common = common(system, settings);
    if common.is_new() || placed.iter().any(|(place, _)| *place == common) {
        return Ok(());
    }
    nothing_left_behind((system, settings), &common.open(system, &[])?, &common, placed)
}

/// A context with a history here must not begin anew in another database.
fn nothing_left_behind(
    (system, settings): (&System, &Settings),
    store: &Database,
    place: &Place,
    placed: &[Placed],
) -> Outcome {
    let is_ours = |name: &str| system.context(name).is_some() && settings.serves(name);
    let beside = placed.iter().filter(|(other, _)| other.is_beside(place));
    let here = beside.flat_map(|(_, contexts)| contexts).copied().collect::<Vec<_>>();
    for name in store.left_behind()? {
        if is_ours(&name) && !here.contains(&name.as_str()) {
            let line = format!(
                "{name} has its history in {place}, and is to be kept in another database now: \
                 take `database` or `store` out of [contexts.{name}], set `store` as it was, or \
                 begin anew with another `data`"
            );
            return Err(Stop::new(Code::Data, line));
        }
    }
    Ok(())
}

/// Whoever was told of an event remembers it; where its journal does not, the end of that was
/// lost, or is older than the rest. New events would take the places of those, and be passed over.
fn nothing_lost(stores: &[(Database, Vec<&'static str>)]) -> Outcome {
    // What was told is asked for first: others may go on meanwhile, and a journal only grows.
    let (mut told, mut heads) = (Vec::new(), BTreeMap::new());
    for (database, contexts) in stores {
        for context in contexts {
            let progress = database.store().progress(context).map_err(data)?;
            told.extend(progress.into_iter().map(|it| (*context, it.source, it.position)));
        }
    }
    for (database, contexts) in stores {
        for context in contexts {
            heads.insert(*context, database.store().heads(context).map_err(data)?.position);
        }
    }
    for (context, source, position) in told {
        let Some(head) = heads.get(source).filter(|head| **head < position) else { continue };
        let line = format!(
            "{context} was told of {source}:{position}, and the journal of {source} ends at \
             {head}: its database is older than the rest, or has lost its end; serve a copy of \
             all of them of one moment"
        );
        return Err(Stop::new(Code::Data, line));
    }
    Ok(())
}

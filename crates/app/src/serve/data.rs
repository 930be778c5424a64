//! The databases of one business, and who plays the world outside.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

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
            nothing_left_behind(system, &store, place, &placed)?;
            stores.push((store, contexts.clone()));
        }
        let outside = wished(system).into_iter().map(|name| player(name, system, directory));
        Ok(Self { stores, outside: outside.collect::<Outcome<_>>()? })
    }

    /// As the runtime takes them.
    pub fn placed(&self) -> Vec<(Arc<dyn Store>, Vec<&'static str>)> {
        let stores = self.stores.iter();
        stores.map(|(it, contexts)| (it.store(), contexts.clone())).collect()
    }
}

type Placed = (Place, Vec<&'static str>);

/// Which context is in which database. The name of a file says that it is one.
fn placed(system: &System, settings: &Settings) -> BTreeMap<Place, Vec<&'static str>> {
    let mut placed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for context in &system.contexts {
        let own = settings.databases.get(context.name);
        let engine = settings.stores.get(context.name).unwrap_or(&settings.store);
        let place = match (own, engine) {
            (Some(own), _) => Place::File(settings.data.join(own)),
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
fn wished(system: &System) -> Vec<&'static str> {
    let effects = system.contexts.iter().flat_map(|it| &it.effects);
    let mut names: Vec<_> = effects.map(|it| it.to).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Who plays an outside system.
fn player(name: &'static str, system: &System, directory: &Path) -> Outcome<Arc<dyn Outside>> {
    let record = directory.join(format!("{}-{name}.sqlite", system.name));
    match name {
        payment_simulator::NAME => {
            PaymentSimulator::open(&record).map(|it| Arc::new(it) as _).map_err(data)
        }
        _ => Err(Stop::new(Code::Internal, format!("nobody plays {name}"))),
    }
}

/// Who moves to a server must not forget the file that was there without any
/// setting: its contexts would begin anew.
fn nothing_forgotten(system: &System, settings: &Settings, placed: &[Placed]) -> Outcome {
    let common = common(system, settings);
    if common.is_new() || placed.iter().any(|(place, _)| *place == common) {
        return Ok(());
    }
    nothing_left_behind(system, &common.open(system, &[])?, &common, placed)
}

/// A context with a history here must not begin anew in another database.
fn nothing_left_behind(
    system: &System,
    store: &Database,
    place: &Place,
    placed: &[Placed],
) -> Outcome {
    let beside = placed.iter().filter(|(other, _)| other.is_beside(place));
    let here = beside.flat_map(|(_, contexts)| contexts).copied().collect::<Vec<_>>();
    for name in store.left_behind()? {
        if system.context(&name).is_some() && !here.contains(&name.as_str()) {
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

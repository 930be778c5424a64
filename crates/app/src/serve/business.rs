//! One business at work, behind its doors.

use std::{process, sync::Arc};

use kernel::System;
use rest::{Rest, edge::Edge};
use runtime::{Failure, Ground, Running, Runtime, Writing, ports::Chance};
use tokio::sync::watch;

use super::{
    ambient::{OsChance, SystemClock},
    data::Data,
    database::Database,
    descriptors,
    doors::Doors,
    others::Others,
};
use crate::{
    exit::{Code, Outcome, Stop},
    settings::Settings,
};

/// One business at work.
pub struct Business {
    running: Running,
    data: Data,
    others: Others,
}

impl Business {
    /// Opens its databases and sets it to work.
    pub fn start(system: System, settings: &Settings) -> Outcome<Self> {
        let others = Others::of(&system, settings)?;
        let data = Data::open(&system, settings)?;
        let ground = Ground {
            stores: data.placed(),
            clock: Arc::new(SystemClock),
            chance: Arc::new(OsChance),
            outside: data.outside.clone(),
            settings: runtime::Settings::default(),
            writing: Writing::OnThreads,
            owner: format!("{}-{:08x}", process::id(), OsChance.bits() >> 96).into(),
            elsewhere: others.elsewhere.clone(),
            bus: others.bus.clone(),
        };
        let running = Runtime::start(system, ground).map_err(|failure| {
            let code = match failure {
                Failure::Store(_) | Failure::Unreadable(_) => Code::Data,
                _ => Code::Internal,
            };
            Stop::new(code, failure.story())
        })?;
        Ok(Self { running, data, others })
    }

    /// Its databases.
    pub fn stores(&self) -> Vec<Database> {
        self.data.stores.iter().map(|(store, _)| store.clone()).collect()
    }

    /// True once a database has failed in a way that only a restart mends.
    pub fn broken(&self) -> watch::Receiver<bool> {
        self.running.runtime.broken()
    }

    /// Puts it behind its doors.
    pub fn edge(&self, doors: Doors, alone: bool, settings: &Settings) -> Edge {
        let mut edge = Edge::new(descriptors::limits());
        let mut rest = Rest::new(self.running.runtime.clone());
        rest.lab = settings.lab;
        rest.see_through = settings.see_through;
        rest.drain = Some(edge.drain());
        if alone {
            rest.bases.push(String::new());
        }
        for (context, door) in doors.contexts {
            edge.serve(door, rest.context_router(context));
        }
        let between = self.others.door(&self.running.runtime, edge.drain());
        edge.serve(doors.main, rest.router().merge(between));
        edge
    }

    /// Lets it finish what it has in hand; then its databases close.
    pub async fn stop(self) {
        self.running.stop().await;
        drop(self.data);
    }
}

//! The parts, at every version: received = available + held + consumed.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Case, Event};
use serde_json::Value;

use super::Wrong;
use crate::laws::U9;

/// The parts on their shelves, by the number of the part.
#[derive(Default)]
pub struct Shelves(pub BTreeMap<u64, Shelf>);

/// One kind of part.
#[derive(Debug, Default)]
pub struct Shelf {
    /// What it is called.
    pub name: String,
    /// How many ever came in.
    pub received: u64,
    /// How many are free.
    pub available: u64,
    /// For which requests one is held.
    pub held: BTreeSet<u64>,
    /// For which requests one was used up.
    pub consumed: BTreeSet<u64>,
}

impl Shelves {
    /// Something happens, perhaps to a part.
    pub fn happens(&mut self, event: &Event) -> Result<(), Wrong> {
        if event.of.kind != "part" {
            return Ok(());
        }
        let body: Value = serde_json::from_slice(&event.body).unwrap_or_default();
        let request = body["request"].as_u64().unwrap_or_default();
        let own = self.0.entry(event.of.number).or_default();
        event.of.name.as_deref().unwrap_or_default().clone_into(&mut own.name);
        let well = match event.name {
            "PartsReceived" => {
                let count = body["stock"].as_u64().unwrap_or_default();
                own.received += count;
                own.available += count;
                true
            }
            "PartsReserved" => {
                let some = own.available > 0;
                own.available = own.available.saturating_sub(1);
                some && own.held.insert(request)
            }
            "PartsReleased" => {
                own.available += 1;
                own.held.remove(&request)
            }
            "PartsConsumed" => own.held.remove(&request) && own.consumed.insert(request),
            _ => true,
        };
        let all = own.available + (own.held.len() + own.consumed.len()) as u64;
        if well && all == own.received {
            return Ok(());
        }
        let case = Case { kind: "request", number: request };
        Err((&U9, Some(case), format!("after {} request {request}: {own:?}", event.name)))
    }
}

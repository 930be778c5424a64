//! How many bytes a case takes on the disk.

use std::fs;

use anyhow::Result;
use kernel::Event;
use runtime::store::{Layout, Store};
use serde_json::json;
use store_sqlite::{Options, SqliteStore};

use super::{Bench, database};
use crate::report::{Line, Target};

/// How many events are read at once.
const PAGE: usize = 4_096;

/// Beside the JSON of its events.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let cases = bench.cases() / 10;
    let data = bench.place_with("disk", cases)?;
    let path = database(&data);
    let on_disk = fs::metadata(&path)?.len() as f64;
    let system = appliance_repair::system();
    let contexts: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
    let store = SqliteStore::open(&path, Layout::of(&system, &contexts), &Options::default())?;
    let (mut whole, mut bodies) = (0, 0);
    for context in contexts {
        let mut after = 0;
        loop {
            let events = store.events(context, after, PAGE)?;
            let Some(last) = events.last() else { break };
            after = last.position;
            whole += events.iter().map(length).sum::<usize>();
            bodies += events.iter().map(|it| it.body.len()).sum::<usize>();
        }
    }
    let (whole, bodies) = (whole as f64, bodies as f64);
    let each = |bytes: f64| bytes / cases as f64;
    let what = "bytes on disk for each case, beside its events as JSON";
    let target = Some(Target::AtMost(4.0));
    let line = Line::plain("disk", what, on_disk / whole, "times", target);
    Ok(vec![line.with(format!(
        "{:.0} bytes on disk (journal, states, all views, indexes) beside {:.0} as JSON with their \
         envelopes, {:.0} without; of {cases} cases",
        each(on_disk),
        each(whole),
        each(bodies)
    ))])
}

/// As an event would be written by itself.
fn length(event: &Event) -> usize {
    let envelope = json!({
        "context": event.context, "position": event.position, "event": event.name,
        "schema": event.schema, "of": { "kind": event.of.kind, "number": event.of.number },
        "version": event.version, "at": event.at.0,
        "by": { "name": event.by.name, "role": event.by.role },
        "case": { "kind": event.case.kind, "number": event.case.number },
        "cause": { "command": event.cause.command, "event": event.cause.event },
        "body": {},
    });
    envelope.to_string().len() - 2 + event.body.len()
}

//! Filling a view from the history of its context, beside reading that history.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use kernel::System;
use runtime::store::{Layout, Store};
use store_sqlite::{Options, SqliteStore};

use super::{Bench, database};
use crate::{
    fill,
    report::{Line, Target},
    rounds::alternate,
};

/// The context and the view that is filled anew.
const CONTEXT: &str = "service";
const VIEW: &str = "services";
/// The same view under a name that is new to the database.
const ANEW: &str = "servicesAnew";
/// How many events are read at once.
const PAGE: usize = 512;

/// A start with a view that is new, beside reading the same events.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let cases = bench.cases() / 10;
    let rounds = alternate(
        if bench.quick { 3 } else { 5 },
        || {
            let data = bench.place_with("rebuild", cases)?;
            let (took, events) = started(&database(&data))?;
            Ok(events as f64 / took.as_secs_f64())
        },
        || {
            let data = bench.place_with("read", cases)?;
            let (took, events) = read(&database(&data))?;
            Ok(events as f64 / took.as_secs_f64())
        },
    )?;
    let what = format!("filling a view of {cases} rows anew, beside reading its events");
    let line = Line::ratio("rebuild", &what, rounds, "events/s", Target::AtLeast(0.5));
    Ok(vec![line.with("a start with a view that the database does not have yet")])
}

/// The business with one view under another name.
fn with_a_new_view() -> System {
    let mut system = appliance_repair::system();
    let contexts = system.contexts.iter_mut().filter(|it| it.name == CONTEXT);
    for view in contexts.flat_map(|it| &mut it.views).filter(|it| it.name == VIEW) {
        view.name = ANEW;
    }
    system
}

/// How long a start takes, and how many events were shown.
fn started(path: &Path) -> Result<(Duration, u64)> {
    let began = Instant::now();
    fill::start_and_stop(path, with_a_new_view())?;
    let took = began.elapsed();
    let store = open(path, &with_a_new_view())?;
    let heads = store.heads(CONTEXT)?;
    let jobs = heads.tallies.iter().find(|(name, _)| *name == "JobOpened").map(|it| it.1);
    ensure!(jobs == Some(store.count_rows(CONTEXT, ANEW, &[])?), "rows are missing");
    Ok((took, heads.position))
}

/// Reads all events of the context, and understands each.
fn read(path: &Path) -> Result<(Duration, u64)> {
    let system = appliance_repair::system();
    let store = open(path, &system)?;
    let context = system.context(CONTEXT).context("the context")?;
    let guarded = context.aggregates.first().context("its aggregate")?;
    let (began, mut after) = (Instant::now(), 0);
    loop {
        let events = store.events(CONTEXT, after, PAGE)?;
        let Some(last) = events.last() else { break };
        after = last.position;
        for event in &events {
            // Read as its type; a state that is thrown away is the least that can be made of it.
            guarded.apply(&mut guarded.fresh(), event)?;
        }
    }
    Ok((began.elapsed(), after))
}

fn open(path: &Path, system: &System) -> Result<Arc<SqliteStore>> {
    let contexts: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
    let layout = Layout::of(system, &contexts);
    Ok(Arc::new(SqliteStore::open(path, layout, &Options::default())?))
}

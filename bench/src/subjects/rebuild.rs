//! Rebuilding a view beside the rows that are shown, in the running server,
//! beside reading the same events and understanding each.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use kernel::{Event, System};
use runtime::store::{Layout, Store};
use serde_json::Value;
use store_sqlite::{Options, SqliteStore};

use super::{Bench, database};
use crate::{
    load::{Template, once, until},
    report::{Line, Target},
    rounds::{alternate, median},
    server::Server,
};

/// How many events are read at once.
const PAGE: usize = 512;
/// How long a rebuild may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// A view of its context's own events, and one of the events of others.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let cases = bench.cases() / 10;
    let data = bench.place_with("rebuild", cases)?;
    let server = Server::madang(&bench.program, &data, &[])?;
    // A database belongs to one process.
    let copy = bench.place_with("read", cases)?;
    let system = appliance_repair::system();
    let store = open(&database(&copy), &system)?;
    let views = [("services", "its own context's"), ("progressViews", "three contexts'")];
    views.iter().map(|(view, whose)| one(bench, (&server, &store, &system), view, whose)).collect()
}

fn one(
    bench: &Bench,
    (server, store, system): (&Server, &SqliteStore, &System),
    view: &str,
    whose: &str,
) -> Result<Line> {
    let mut ready = Vec::new();
    let rounds = alternate(
        bench.rounds(),
        || {
            let rebuilt = rebuild(server, view)?;
            ready.push(rebuilt.ready.as_secs_f64() / rebuilt.read.as_secs_f64());
            Ok(rebuilt.events as f64 / rebuilt.read.as_secs_f64())
        },
        || read(store, system, view),
    )?;
    let what = format!("`{view}`, from {whose} events, beside reading them");
    let line = Line::ratio("rebuild", &what, rounds, "events/s", Target::AtLeast(0.5));
    Ok(line.with(format!(
        "{} cases; `POST /ops/views/{view}/rebuild` until every event is in the new rows; compared \
         with the old ones, and ready to switch, after {:.1} times as long",
        bench.cases() / 10,
        median(ready)
    )))
}

struct Rebuilt {
    events: u64,
    /// Until every event was in the new rows.
    read: Duration,
    /// Until the new rows were compared with the old ones.
    ready: Duration,
}

/// Rebuilds it, looks that the new rows are the old ones, and leaves it at that.
fn rebuild(server: &Server, view: &str) -> Result<Rebuilt> {
    let order = |verb: &str| -> Result<()> {
        let ask = Template::plain("POST", &format!("/ops/views/{view}/{verb}"));
        let (status, text) = once(server.address, &ask, 0)?;
        ensure!(status == 200, "{verb}: {status} {text}");
        Ok(())
    };
    let ask = Template::get(&format!("/ops/views/{view}"));
    let look = || -> Result<Value> {
        let (_, text) = once(server.address, &ask, 0)?;
        let mut shown: Value = serde_json::from_str(&text)?;
        Ok(shown["rebuild"].take())
    };
    let began = Instant::now();
    order("rebuild")?;
    until("it has read everything", PATIENCE, || Ok(look()?["phase"] != "reading"))?;
    let read = began.elapsed();
    until("it is compared", PATIENCE, || {
        let phase = look()?["phase"].take();
        ensure!(phase != "failed", "the rebuild has failed");
        Ok(phase == "ready")
    })?;
    let ready = began.elapsed();
    let told = look()?;
    let others = ["changed", "missing", "extra"].map(|it| told["difference"][it].as_u64());
    ensure!(others == [Some(0); 3], "the new rows are others: {told}");
    order("cancel")?;
    Ok(Rebuilt { events: told["read"].as_u64().context("how many were read")?, read, ready })
}

/// Events per second: all of the contexts that the view shows, each read as its type.
fn read(store: &SqliteStore, system: &System, view: &str) -> Result<f64> {
    let contexts = || system.contexts.iter();
    let shown = contexts().find_map(|it| it.shown(view)).context("the view")?;
    let sources = contexts().filter(|it| shown.events().iter().any(|event| it.decides(event.name)));
    let (began, mut count) = (Instant::now(), 0);
    for source in sources {
        let mut after = 0;
        loop {
            let events = store.events(source.name, after, PAGE)?;
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in &events {
                understand(source, event)?;
            }
        }
        count += after;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

/// Read as its type; a state that is thrown away is the least that can be made of it.
fn understand(context: &kernel::Context, event: &Event) -> Result<()> {
    let guarded = context.guarded(event.of.kind).context("its aggregate")?;
    Ok(guarded.apply(&mut guarded.fresh(), event)?)
}

fn open(path: &Path, system: &System) -> Result<Arc<SqliteStore>> {
    let contexts: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
    let layout = Layout::of(system, &contexts);
    Ok(Arc::new(SqliteStore::open(path, layout, &Options::default())?))
}

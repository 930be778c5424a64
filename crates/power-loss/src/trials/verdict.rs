//! What is left, held against what should be.
//!
//! The measure is a second store that lasts in memory only: it is given the
//! same batches, and whatever can be asked of a store is asked of both.

use std::{collections::BTreeSet, fmt, fs, path::Path, sync::Arc};

use kernel::{Event, Record};
use runtime::store::{Batch, Layout, Progress, Query, Sort, Start, Store, StoreError};
use rusqlite::Connection;
use store_memory::MemoryStore;
use store_sqlite::{Options, SqliteStore};

use super::{folder, script::layout};
use crate::{
    disk::{Disk, Plan},
    vfs,
};

/// More than there ever are.
const ALL: usize = 1_000_000;

/// What is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Exactly the first so many batches.
    First(usize),
    /// Something that no number of batches makes.
    Split(String),
    /// It cannot be opened, or the engine finds it damaged.
    Corrupt(String),
}

/// Looks at a copy of a folder; what is in the folder stays as it is.
#[must_use]
pub fn of(folder: &Path, batches: &[Batch]) -> Verdict {
    let copy = folder::new();
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("a file can be copied");
    }
    let verdict = look(copy.path(), batches).unwrap_or_else(Verdict::Corrupt);
    match integrity(&copy.path().join("it.db")) {
        Ok(said) if said == "ok" => verdict,
        Ok(said) => Verdict::Corrupt(said),
        Err(error) => Verdict::Corrupt(error.to_string()),
    }
}

fn look(folder: &Path, batches: &[Batch]) -> Result<Verdict, String> {
    let _disk = Disk::over(folder, Plan::Calm, 0);
    let options = Options { vfs: Some(vfs::name()), readers: 1, ..Options::default() };
    let store = SqliteStore::open(&folder.join("it.db"), layout(), &options);
    let store = store.map_err(|error| error.to_string())?;
    first(&store, batches).map_err(|error| error.to_string())
}

fn integrity(path: &Path) -> rusqlite::Result<String> {
    Connection::open(path)?.query_one("PRAGMA integrity_check", [], |row| row.get(0))
}

/// How many of the batches, and nothing else, a store holds.
///
/// # Errors
///
/// When it cannot be read.
pub fn first(store: &dyn Store, batches: &[Batch]) -> Result<Verdict, StoreError> {
    let layout = layout();
    let found = positions(store, &layout)?;
    let model = MemoryStore::of(&layout);
    let mut count = 0;
    // Every batch holds an event, so no two moments look the same.
    while positions(&*model, &layout)? != found {
        let Some(batch) = batches.get(count) else {
            return Ok(Verdict::Split(format!("no batch ends at {found:?}")));
        };
        model.commit(batch)?;
        count += 1;
    }
    let difference = difference(store, &model, &layout, &batches[..(count + 2).min(batches.len())]);
    Ok(difference?.map_or(Verdict::First(count), Verdict::Split))
}

fn positions(store: &dyn Store, layout: &Layout) -> Result<Vec<u64>, StoreError> {
    layout.contexts.iter().map(|it| Ok(store.heads(it.name)?.position)).collect()
}

/// The first thing that is not the same in both.
fn difference(
    store: &dyn Store,
    model: &Arc<MemoryStore>,
    layout: &Layout,
    batches: &[Batch],
) -> Result<Option<String>, StoreError> {
    let both = [store, &**model];
    for context in &layout.contexts {
        let name = context.name;
        let mut all = vec![
            compare(both, "the heads", |it| it.heads(name))?,
            compare(both, "the journal", |it| Ok(told(it.events(name, 0, ALL)?)))?,
            compare(both, "the deliveries", |it| it.deliveries(name, None, None, ALL))?,
            compare(both, "the progress", |it| Ok(moved(it.progress(name)?)))?,
        ];
        for view in &context.views {
            all.push(compare(both, view.name, |it| it.rows(name, view.name, &everything()))?);
            all.push(compare(both, view.name, |it| it.count_rows(name, view.name, &[]))?);
        }
        let own = batches.iter().flat_map(|it| &it.changes).filter(|it| it.context == name);
        let things = own.clone().flat_map(|it| &it.things).map(|it| (it.kind, it.number));
        for (kind, number) in things.collect::<BTreeSet<_>>() {
            all.push(compare(both, kind, |it| it.thing(name, kind, number))?);
            all.push(compare(both, kind, |it| Ok(told(it.history(name, kind, number)?)))?);
        }
        for answer in own.flat_map(|it| &it.answers) {
            all.push(compare(both, "an answer", |it| it.answer(name, answer.scope))?);
        }
        if let Some(difference) = all.into_iter().flatten().next() {
            return Ok(Some(format!("in {name}, {difference}")));
        }
    }
    Ok(None)
}

fn compare<T: PartialEq + fmt::Debug>(
    [store, model]: [&dyn Store; 2],
    what: &str,
    read: impl Fn(&dyn Store) -> Result<T, StoreError>,
) -> Result<Option<String>, StoreError> {
    let (is, should) = (read(store)?, read(model)?);
    Ok((is != should).then(|| format!("{what}: {is:?} instead of {should:?}")))
}

/// What stood there before is nobody's business any more.
fn moved(all: Vec<Progress>) -> Vec<Progress> {
    all.into_iter().map(|it| Progress { before: it.position, ..it }).collect()
}

type Told = Vec<(&'static str, u32, Arc<[u8]>, Record)>;

fn told(events: Vec<Event>) -> Told {
    let told = |it: Event| (it.name, it.schema, Arc::clone(&it.body), (*it).clone());
    events.into_iter().map(told).collect()
}

fn everything() -> Query {
    Query { filters: Vec::new(), sort: Sort::default(), start: Start::Skip(0), size: ALL }
}

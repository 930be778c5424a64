//! The rows that come of the journals: in memory while they are in use, in the
//! shadow when they are not.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use kernel::{Event, Projection, State, System};

use crate::{
    Failure,
    guarded::guarded,
    store::{Row, Shadows, Store},
};

/// How many rows are kept in memory at the most.
const KEPT: usize = 32_768;
/// How many rows are written in one commit.
const WRITTEN: usize = 1024;

/// The rows that come of the journals.
pub struct Fold {
    system: Arc<System>,
    store: Arc<dyn Store>,
    context: &'static str,
    view: &'static str,
    rows: HashMap<u64, Held>,
    /// The greatest number of those written to the shadow and forgotten here.
    in_shadow: u64,
    /// The greatest number of all.
    last: u64,
    /// How many rows there are.
    pub count: u64,
    /// Those that changed since they were compared.
    pub touched: BTreeSet<u64>,
}

struct Held {
    row: State,
    version: u64,
    dirty: bool,
}

impl Fold {
    pub fn of(
        system: &Arc<System>,
        store: &Arc<dyn Store>,
        context: &'static str,
        view: &'static str,
    ) -> Self {
        let (system, store) = (Arc::clone(system), Arc::clone(store));
        let (rows, in_shadow, last, count, touched) = Default::default();
        Self { system, store, context, view, rows, in_shadow, last, count, touched }
    }

    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub fn shadows(&self) -> Result<&dyn Shadows, Failure> {
        let none = || Failure::fault(format!("{} is kept without shadows", self.context));
        self.store.shadows().ok_or_else(none)
    }

    /// Lets an event happen to its row.
    pub fn show(&mut self, event: &Event) -> Result<(), Failure> {
        let shown = self.try_to_show(event);
        shown.map_err(|failure| {
            let (context, position, case) = (event.context, event.position, event.case);
            let why = failure.story();
            Failure::fault(format!("event {context}:{position} of {case} cannot be shown: {why}"))
        })
    }

    fn try_to_show(&mut self, event: &Event) -> Result<(), Failure> {
        let system = Arc::clone(&self.system);
        let view = declared(&system, self.context, self.view)?;
        let Some(number) = guarded(self.view, || view.key(event))?? else { return Ok(()) };
        if !self.load(view, number)? {
            self.rows.insert(number, Held { row: view.fresh(), version: 0, dirty: true });
            self.count += 1;
            self.last = self.last.max(number);
        }
        let Some(held) = self.rows.get_mut(&number) else { return Ok(()) };
        guarded(self.view, || view.apply(&mut held.row, event))??;
        held.version += 1;
        held.dirty = true;
        self.touched.insert(number);
        Ok(())
    }

    /// A row as it is stored, and its version; nothing when there is none.
    pub fn row(&mut self, number: u64) -> Result<Option<(u64, Vec<u8>)>, Failure> {
        let system = Arc::clone(&self.system);
        let view = declared(&system, self.context, self.view)?;
        self.load(view, number)?;
        let Some(held) = self.rows.get(&number) else { return Ok(None) };
        Ok(Some((held.version, view.write(&held.row)?)))
    }

    /// From now on this row has that version.
    pub fn set_version(&mut self, number: u64, version: u64) -> Result<(), Failure> {
        let system = Arc::clone(&self.system);
        self.load(declared(&system, self.context, self.view)?, number)?;
        if let Some(held) = self.rows.get_mut(&number) {
            (held.version, held.dirty) = (version, true);
        }
        Ok(())
    }

    /// Whether so much is in memory that it should be written.
    pub fn is_full(&self) -> bool {
        self.rows.len() > KEPT
    }

    /// Some rows that are not in the shadow yet, as one commit may take them.
    fn unwritten(&self) -> Result<Vec<Row>, Failure> {
        let view = declared(&self.system, self.context, self.view)?;
        let mut rows = Vec::new();
        for (number, held) in self.rows.iter().filter(|(_, held)| held.dirty).take(WRITTEN) {
            rows.push(Row {
                view: self.view,
                number: *number,
                version: held.version,
                row: view.write(&held.row)?.into(),
                indexed: guarded(self.view, || view.indexed(&held.row))?,
            });
        }
        rows.sort_unstable_by_key(|row| row.number);
        Ok(rows)
    }

    /// Forgets what is in memory; all of it has been written.
    pub fn forget(&mut self) {
        self.rows.clear();
        self.in_shadow = self.last;
    }

    /// Makes sure that a row is in memory, if there is one.
    fn load(&mut self, view: &Projection, number: u64) -> Result<bool, Failure> {
        if self.rows.contains_key(&number) {
            return Ok(true);
        }
        if number > self.in_shadow {
            return Ok(false);
        }
        let Some(stored) = self.shadows()?.row(self.context, self.view, number)? else {
            return Ok(false);
        };
        let (row, version) = (view.read(&stored.row)?, stored.version);
        self.rows.insert(number, Held { row, version, dirty: false });
        Ok(true)
    }

    /// Writes what is not in the shadow yet, all at once.
    pub fn write_all(&mut self) -> Result<(), Failure> {
        while self.write_some()? {}
        Ok(())
    }

    /// Writes some of it in one commit; false when there was nothing left.
    pub fn write_some(&mut self) -> Result<bool, Failure> {
        let rows = self.unwritten()?;
        if rows.is_empty() {
            return Ok(false);
        }
        self.shadows()?.write(self.context, &rows)?;
        for row in &rows {
            if let Some(held) = self.rows.get_mut(&row.number) {
                held.dirty = false;
            }
        }
        Ok(true)
    }
}

pub fn declared<'a>(
    system: &'a System,
    context: &str,
    view: &str,
) -> Result<&'a Projection, Failure> {
    let found = system.context(context).and_then(|it| it.shown(view));
    found.ok_or_else(|| Failure::fault(format!("{context} does not show {view}")))
}

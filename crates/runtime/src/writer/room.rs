//! What the writer holds of one context: where it stands, what it used lately,
//! and what the next commit will change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{Case, Context, Event, State, System};

use super::cache::Cache;
use crate::{
    Failure, mutant,
    store::{
        Act, Answer, Changes, DeliveryChange, Progress, Query, Row, Sort, Start, Store, Thing,
    },
};

/// How many aggregates and rows are kept ready to use, per context.
pub(super) const KEPT: usize = 8192;

/// One context at the writer's desk.
pub struct Room {
    system: Arc<System>,
    index: usize,
    pub(super) store: Arc<dyn Store>,
    pub(super) position: u64,
    pub(super) numbers: BTreeMap<&'static str, u64>,
    pub(super) tallies: BTreeMap<&'static str, u64>,
    pub(super) progress: BTreeMap<(Arc<str>, &'static str), Progress>,
    pub(super) things: Cache<(&'static str, u64), Held>,
    /// By view.
    pub(super) rows: BTreeMap<&'static str, Cache<u64, HeldRow>>,
    pub(super) own_views: BTreeMap<&'static str, Vec<usize>>,
    /// The greatest number among the rows of each view, where it is known:
    /// beyond it there is nothing to look for.
    pub(super) last_rows: BTreeMap<&'static str, u64>,
    /// How many commits there were, as far as this room has heard of them;
    /// nothing when it does not know what became of one of its own.
    pub(super) revision: Option<u64>,
    /// How often it was found that others had written, or might have.
    pub(super) others: u64,
    pub(super) staged: Staged,
}

/// An aggregate at hand.
pub struct Held {
    pub state: State,
    pub version: u64,
    pub last: u64,
    pub case: Case,
    pub name: Option<Arc<str>>,
}

/// A row at hand.
pub struct HeldRow {
    pub row: State,
    pub version: u64,
}

/// What the next commit will change, and how to take it back.
#[derive(Default)]
pub struct Staged {
    pub events: Vec<Event>,
    pub things: BTreeSet<(&'static str, u64)>,
    pub rows: BTreeMap<(&'static str, u64), Row>,
    pub answers: Vec<Answer>,
    pub progress: BTreeMap<(Arc<str>, &'static str), u64>,
    pub deliveries: Vec<DeliveryChange>,
    pub acts: Vec<Act>,
    pub undo: Vec<Undo>,
}

/// How to take back one change.
pub enum Undo {
    Event,
    Thing(&'static str, u64, bool),
    Row(&'static str, u64, Option<Row>),
    Number(&'static str, u64),
    Answer,
    Progress((Arc<str>, &'static str), Option<Box<Progress>>, bool),
    Delivery,
    Act,
}

/// The greatest number among the rows of a view.
pub(super) fn last_row(
    store: &dyn Store,
    context: &'static str,
    view: &'static str,
) -> Result<u64, Failure> {
    let sort = Sort { by: None, descending: true };
    let query = Query { filters: Vec::new(), sort, start: Start::Skip(0), size: 1 };
    Ok(store.rows(context, view, &query)?.first().map_or(0, |row| row.number))
}

impl Room {
    /// A context as it stands in its store.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn of(system: &Arc<System>, index: usize, store: Arc<dyn Store>) -> Result<Self, Failure> {
        let context = &system.contexts[index];
        let heads = store.heads(context.name)?;
        let progress = store.progress(context.name)?.into_iter();
        let mut own_views: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, view) in context.views.iter().enumerate().filter(|(_, it)| it.is_own(context)) {
            for event in view.events() {
                own_views.entry(event.name).or_default().push(index);
            }
        }
        let mut last_rows = BTreeMap::new();
        for view in &context.views {
            last_rows.insert(view.name, last_row(&*store, context.name, view.name)?);
        }
        Ok(Self {
            system: Arc::clone(system),
            index,
            store,
            position: heads.position,
            numbers: heads.numbers.into_iter().collect(),
            tallies: heads.tallies.into_iter().collect(),
            progress: progress.map(|it| ((it.subscription.clone(), it.source), it)).collect(),
            things: Cache::of(KEPT),
            rows: context.views.iter().map(|view| (view.name, Cache::of(KEPT))).collect(),
            own_views,
            last_rows,
            revision: None,
            others: 0,
            staged: Staged::default(),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.context().name
    }

    pub(super) fn context(&self) -> &Context {
        &self.system.contexts[self.index]
    }

    pub(super) fn system(&self) -> Arc<System> {
        Arc::clone(&self.system)
    }

    /// What is staged, as a store takes it; nothing when there is nothing.
    pub(super) fn changes(&mut self) -> Result<Option<Changes>, Failure> {
        let mut changes = Changes::of(self.name());
        let touched: Vec<_> = self.staged.things.iter().copied().collect();
        for (kind, number) in touched {
            changes.things.push(self.written(kind, number)?);
        }
        let names: BTreeSet<_> = self.staged.events.iter().map(|event| event.name).collect();
        changes.tallies = names.into_iter().map(|name| (name, self.tallies[name])).collect();
        changes.events.clone_from(&self.staged.events);
        changes.rows = self.staged.rows.values().cloned().collect();
        changes.answers.clone_from(&self.staged.answers);
        changes.deliveries.clone_from(&self.staged.deliveries);
        changes.acts.clone_from(&self.staged.acts);
        for (key, before) in &self.staged.progress {
            changes.progress.push(Progress { before: *before, ..self.progress[key].clone() });
        }
        Ok((!changes.is_empty()).then_some(changes))
    }

    fn written(&mut self, kind: &'static str, number: u64) -> Result<Thing, Failure> {
        let system = self.system();
        let Some(guarded) = system.contexts[self.index].guarded(kind) else {
            return Err(Failure::fault(format!("nobody guards a {kind}")));
        };
        self.load(guarded, number)?;
        let Some(held) = self.things.get_mut((kind, number)) else {
            return Err(Failure::fault(format!("{kind} {number} was touched and is not there")));
        };
        Ok(Thing {
            kind,
            number,
            name: held.name.clone(),
            version: held.version,
            last: held.last,
            case: held.case,
            state: guarded.write(&held.state)?.into(),
        })
    }

    /// It is durable: nothing is left to take back.
    pub(super) fn settle(&mut self, changed: bool) -> Staged {
        self.revision = self.revision.map(|revision| revision + u64::from(changed));
        let staged = std::mem::take(&mut self.staged);
        for key in staged.progress.keys() {
            if let Some(progress) = self.progress.get_mut(key) {
                progress.before = progress.position;
            }
        }
        staged
    }

    /// Takes back everything staged after this mark.
    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.staged.undo.len() > mark {
            match self.staged.undo.pop() {
                Some(undo) => self.take_back(undo),
                None => break,
            }
        }
    }

    fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::Event => {
                if let Some(event) = self.staged.events.pop() {
                    self.position -= 1;
                    if let Some(tally) = self.tallies.get_mut(event.name) {
                        *tally -= 1;
                    }
                }
            }
            Undo::Thing(kind, number, first) => {
                if !mutant::STATE_KEPT_AFTER_FAILURE.is_planted() {
                    self.things.take((kind, number));
                }
                if first {
                    self.staged.things.remove(&(kind, number));
                }
            }
            Undo::Row(view, number, before) => {
                if !mutant::ROW_KEPT_AFTER_FAILURE.is_planted() {
                    self.take_row(view, number);
                }
                match before {
                    Some(row) => self.staged.rows.insert((view, number), row),
                    None => self.staged.rows.remove(&(view, number)),
                };
            }
            Undo::Number(kind, before) => {
                self.numbers.insert(kind, before);
            }
            Undo::Answer => drop(self.staged.answers.pop()),
            Undo::Progress(key, before, first) => {
                if first {
                    self.staged.progress.remove(&key);
                }
                match before {
                    Some(before) => self.progress.insert(key, *before),
                    None => self.progress.remove(&key),
                };
            }
            Undo::Delivery => drop(self.staged.deliveries.pop()),
            Undo::Act => drop(self.staged.acts.pop()),
        }
    }

    /// Takes a row out of the cache, to be put back or forgotten.
    pub(super) fn take_row(&mut self, view: &'static str, number: u64) -> Option<HeldRow> {
        self.rows.get_mut(view).and_then(|rows| rows.take(number))
    }

    /// Forgets what is at hand of a view.
    pub(super) fn forget_rows(&mut self, view: &'static str) {
        self.rows.insert(view, Cache::of(KEPT));
        self.last_rows.remove(view);
    }
}

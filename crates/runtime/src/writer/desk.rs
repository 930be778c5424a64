//! Where the writer sits: takes a batch of work, commits it once, tells everyone.

use std::{collections::BTreeMap, sync::Arc};

use super::{Room, Stage, Work, room::Staged};
use crate::{
    Failure, fault,
    guarded::guarded,
    mutant,
    ports::{Chance, Clock},
    store::{Batch, Changes, Row, Store, StoreError},
};
use kernel::Event;

/// Who hears of what was committed.
pub trait Announce: Send + Sync {
    /// This is durable now.
    fn committed(&self, context: &'static str, staged: &Staged);

    /// It was found that others have written, so often by now.
    fn others_wrote(&self, context: &'static str, times: u64);

    /// Another process has written this.
    fn written_by_others(&self, context: &'static str, events: &[Event], rows: &[Row]);

    /// Another process has rebuilt this view, and put other rows in its place.
    fn switched_by_others(&self, view: &'static str);

    /// Whether anybody follows the changes of this view.
    fn listens(&self, view: &'static str) -> bool;

    /// The database has failed; only a restart can tell what is durable.
    fn broke(&self);
}

/// The writer's desk: the contexts that share a database.
pub struct Desk {
    store: Arc<dyn Store>,
    rooms: BTreeMap<&'static str, Room>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    announce: Arc<dyn Announce>,
    /// The database has failed, and may hold more than is known here.
    broken: bool,
}

impl Desk {
    /// A desk for these contexts, which are all in this store.
    pub fn of(
        store: Arc<dyn Store>,
        rooms: Vec<Room>,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
        announce: Arc<dyn Announce>,
    ) -> Self {
        let rooms = rooms.into_iter().map(|room| (room.name(), room)).collect();
        Self { store, rooms, clock, chance, announce, broken: false }
    }

    /// As [`Desk::work`], if all is well so far. After a panic nobody knows what
    /// is durable, and only a restart can tell.
    pub fn work_guarded(&mut self, ready: Result<(), Failure>, batch: &mut Vec<Box<dyn Work>>) {
        let done = ready.and_then(|()| guarded("the writer", || self.work(batch)));
        let Err(failure) = done else { return };
        tracing::error!(story = failure.story(), "the writer has panicked");
        self.broken = true;
        self.announce.broke();
        let unknown = Failure::from(StoreError::Broken(Arc::new(failure)));
        for work in batch.drain(..) {
            work.finish(Err(unknown.clone()));
        }
    }

    /// Does the work in order, commits all of it at once, and answers.
    ///
    /// When somebody else was faster, nothing has been written and each piece
    /// is told so: whoever gave it tries again with what is there now. Even a
    /// no is not told then: it may have been said because of what came to nothing.
    ///
    /// After the database has failed nothing is decided any more: only a restart
    /// can tell what is there.
    pub fn work(&mut self, batch: &mut Vec<Box<dyn Work>>) {
        if self.broken && !mutant::WRITTEN_AFTER_FAILURE.is_planted() {
            for work in batch.drain(..) {
                let why = "its database has failed, and only a restart mends it";
                let failure = Failure::unavailable(work.context(), why);
                work.finish(Err(failure));
            }
            return;
        }
        if let Err(failure) = self.begin() {
            batch.drain(..).for_each(|work| work.finish(Err(failure.clone())));
            return;
        }
        let at = self.clock.now();
        let mut changed = false;
        for work in batch.iter_mut() {
            if let Some(room) = self.rooms.get_mut(work.context()) {
                let mut stage = Stage { room, at, chance: &*self.chance };
                changed |= work.run(&mut stage);
            }
        }
        if mutant::ANSWERED_BEFORE_COMMIT.is_planted() {
            batch.drain(..).for_each(|work| work.finish(Ok(())));
        }
        let committed = if changed {
            self.commit()
        } else {
            self.store.leave();
            Ok(())
        };
        fault::reached(&*self.chance, "writer.before_answer");
        for work in batch.drain(..) {
            work.finish(committed.clone());
        }
    }

    /// Where others write too: waits for its turn, and hears of what they did.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        if !self.store.is_shared() {
            return Ok(());
        }
        let contexts = self.contexts();
        let turns = guarded("the store", || self.store.begin(&contexts))
            .unwrap_or_else(|failure| Err(StoreError::Broken(Arc::new(failure))))?;
        let announce = &*self.announce;
        if mutant::TURN_NOT_HEARD.is_planted() {
            return Ok(());
        }
        let mut rooms = self.rooms.values_mut().zip(turns);
        let heard = rooms.try_for_each(|(room, turn)| room.hear_of_others(turn, announce));
        if heard.is_err() {
            self.store.leave();
        }
        heard
    }

    /// Where everybody who writes comes by.
    pub(super) fn chance(&self) -> &dyn Chance {
        &*self.chance
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(super) fn contexts(&self) -> Vec<&'static str> {
        self.rooms.keys().copied().collect()
    }

    pub(super) fn room(&self, context: &'static str) -> Result<&Room, Failure> {
        let nobody = || Failure::fault(format!("{context} is not at this desk"));
        self.rooms.get(context).ok_or_else(nobody)
    }

    pub(super) fn with_stage<T>(
        &mut self,
        context: &'static str,
        run: impl FnOnce(&mut Stage<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let nobody = || Failure::fault(format!("{context} is not at this desk"));
        let room = self.rooms.get_mut(context).ok_or_else(nobody)?;
        run(&mut Stage { room, at: self.clock.now(), chance: &*self.chance })
    }

    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        if mutant::TOLD_BEFORE_COMMIT.is_planted() {
            for (name, room) in &self.rooms {
                self.announce.committed(name, &room.staged);
            }
        }
        match self.write() {
            Ok(changed) => {
                for (name, room) in &mut self.rooms {
                    let settled = room.settle(changed.contains(name));
                    if !mutant::TOLD_BEFORE_COMMIT.is_planted() {
                        self.announce.committed(name, &settled);
                    }
                }
                Ok(())
            }
            Err(failure) => {
                tracing::error!(story = failure.story(), "a commit failed");
                for room in self.rooms.values_mut() {
                    room.roll_back(0);
                    room.revision = None;
                }
                if matches!(&failure, Failure::Store(it) if matches!(**it, StoreError::Broken(_))) {
                    self.broken = true;
                    self.announce.broke();
                }
                Err(failure)
            }
        }
    }

    /// The contexts that have changed.
    fn write(&mut self) -> Result<Vec<&'static str>, Failure> {
        let mut batch = Batch::default();
        for room in self.rooms.values_mut() {
            match room.changes() {
                Ok(changes) => batch.changes.extend(changes),
                Err(failure) => {
                    self.store.leave();
                    return Err(failure);
                }
            }
        }
        let changed: Vec<_> = batch.changes.iter().map(|it| it.context).collect();
        if changed.is_empty() {
            self.store.leave();
            return Ok(changed);
        }
        fault::reached(&*self.chance, "writer.before_commit");
        if mutant::PROGRESS_APART.is_planted() {
            self.store.commit(&without_progress(&mut batch))?;
        }
        if mutant::PROGRESS_FIRST.is_planted() {
            let rest = without_progress(&mut batch);
            self.store.commit(&std::mem::replace(&mut batch, rest))?;
        }
        // A store that panics in the middle has broken: nobody knows what it has done.
        guarded("the store", || self.store.commit(&batch))
            .unwrap_or_else(|failure| Err(StoreError::Broken(Arc::new(failure))))?;
        fault::reached(&*self.chance, "writer.after_commit");
        Ok(changed)
    }
}

/// Takes everything but progress and deliveries out of a batch.
fn without_progress(batch: &mut Batch) -> Batch {
    let apart = batch.changes.iter_mut().map(|changes| {
        let mut rest = Changes::of(changes.context);
        std::mem::swap(&mut rest, changes);
        changes.progress = std::mem::take(&mut rest.progress);
        changes.deliveries = std::mem::take(&mut rest.deliveries);
        rest
    });
    Batch { changes: apart.collect() }
}

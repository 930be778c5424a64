//! What one piece of work may do: each step can be taken back until the commit.

use std::sync::Arc;

use kernel::{Actor, Envelope, Event, Guarded, Indexed, Key, Projection, State, Time};

use super::room::{Held, HeldRow, Room, Undo, last_row};
use crate::{
    Failure,
    guarded::guarded,
    mutant,
    read::read,
    state::state_of,
    store::{
        Act, Answer, Delivery, DeliveryChange, DeliveryKey, Progress, Row, Shown, StoreError, Thing,
    },
};

/// A context at the writer's desk, for one piece of work.
pub struct Stage<'a> {
    pub(super) room: &'a mut Room,
    pub(super) at: Time,
    pub(super) chance: &'a dyn crate::ports::Chance,
}

impl Stage<'_> {
    /// Business time, the same for all work in one commit.
    #[must_use]
    pub fn now(&self) -> Time {
        self.at
    }

    /// An envelope for a command of this actor, now.
    #[must_use]
    pub fn envelope(&self, by: Actor) -> Envelope {
        Envelope { at: self.at, by, chance: self.chance.bits() }
    }

    /// Does something, or takes back all it began: what fails leaves no trace.
    ///
    /// # Errors
    ///
    /// What `run` fails with; a panic is a fault.
    pub fn attempt<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mark = self.room.staged.undo.len();
        let result = guarded(self.room.name(), || run(self)).flatten();
        if result.is_err() {
            self.room.roll_back(mark);
        }
        result
    }

    /// How far a subscription is, as staged.
    #[must_use]
    pub fn progress(&self, subscription: &Arc<str>, source: &'static str) -> Option<&Progress> {
        self.room.progress.get(&(subscription.clone(), source))
    }

    /// Whether a subscription is still where its reader believes it is, and in
    /// the same hands.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] when it is not.
    pub fn holds(&self, believed: &Progress) -> Result<(), Failure> {
        let stand = |it: &Progress| (it.epoch, it.owner.clone(), it.position, it.done, it.refused);
        match self.progress(&believed.subscription, believed.source) {
            Some(held) if stand(held) == stand(believed) => Ok(()),
            Some(_) if mutant::LEASE_NOT_CHECKED.is_planted() => Ok(()),
            _ => Err(StoreError::Fenced(believed.subscription.to_string()).into()),
        }
    }

    /// Moves a subscription on.
    pub fn move_on(&mut self, progress: Progress) {
        let key = (progress.subscription.clone(), progress.source);
        let room = &mut *self.room;
        let before = room.progress.insert(key.clone(), progress);
        let first = !room.staged.progress.contains_key(&key);
        if first {
            let position = before.as_ref().map_or(0, |it| it.position);
            room.staged.progress.insert(key.clone(), position);
        }
        room.staged.undo.push(Undo::Progress(key, before.map(Box::new), first));
    }

    /// Puts a delivery aside, or moves one on that was put aside before.
    pub fn put_aside(&mut self, delivery: Delivery) {
        self.room.staged.deliveries.push(DeliveryChange::Put(delivery));
        self.room.staged.undo.push(Undo::Delivery);
    }

    /// A delivery that was put aside is done after all.
    pub fn settle(&mut self, key: DeliveryKey) {
        self.room.staged.deliveries.push(DeliveryChange::Done(key));
        self.room.staged.undo.push(Undo::Delivery);
    }

    /// Whether another process has answered under this key since it was found
    /// `others` times that they had written. In this process a key is at work once.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn was_answered_elsewhere(&self, scope: u128, others: u64) -> Result<bool, Failure> {
        let (store, name) = (&self.room.store, self.room.name());
        let others = self.room.others != others && !mutant::KEY_ONCE_PER_PROCESS.is_planted();
        Ok(others && store.answer(name, scope)?.is_some())
    }

    /// Remembers what an operator did.
    pub fn record(&mut self, act: Act) {
        self.room.staged.acts.push(act);
        self.room.staged.undo.push(Undo::Act);
    }

    /// Remembers an answer under its idempotency key.
    pub fn remember(&mut self, answer: Answer) {
        self.room.staged.answers.push(answer);
        self.room.staged.undo.push(Undo::Answer);
    }

    /// Lets an event happen to the row it belongs to.
    ///
    /// # Errors
    ///
    /// When the event or the row cannot be read.
    pub fn show(&mut self, view: &Projection, event: &Event) -> Result<(), Failure> {
        let Some(number) = view.key(event)? else { return Ok(()) };
        let mut held = match self.room.take_row(view.name, number) {
            Some(held) => held,
            None => self.room.load_row(view, number)?,
        };
        view.apply(&mut held.row, event)?;
        held.version += 1;
        let row = Row {
            view: view.name,
            number,
            version: held.version,
            row: view.write(&held.row)?.into(),
            indexed: view.indexed(&held.row),
        };
        let room = &mut *self.room;
        if let Some(last) = room.last_rows.get_mut(view.name) {
            *last = (*last).max(number);
        }
        if let Some(rows) = room.rows.get_mut(view.name) {
            rows.put(number, held);
        }
        let before = room.staged.rows.insert((view.name, number), row);
        room.staged.undo.push(Undo::Row(view.name, number, before));
        Ok(())
    }

    /// Writes a row again as it is.
    pub(super) fn write_again(&mut self, view: &Projection, shown: &Shown) {
        let indexed = match read(view, shown) {
            Ok(row) => view.indexed(&row),
            Err(failure) => {
                tracing::error!(story = failure.story(), "a row is not listed by its fields");
                vec![Indexed::Nothing; view.indexes.len()]
            }
        };
        let (view, number, version) = (view.name, shown.number, shown.version);
        let row = Row { view, number, version, row: Arc::clone(&shown.row), indexed };
        let before = self.room.staged.rows.insert((view, number), row);
        self.room.staged.undo.push(Undo::Row(view, number, before));
    }

    /// A row as it is staged, if this commit changes it.
    #[must_use]
    pub fn staged_row(&self, view: &'static str, number: u64) -> Option<&Row> {
        self.room.staged.rows.get(&(view, number))
    }
}

impl Room {
    /// Makes sure that an aggregate is at hand, if there is one.
    pub(super) fn load(&mut self, guarded: &Guarded, number: u64) -> Result<bool, Failure> {
        if self.things.get_mut((guarded.name, number)).is_some() {
            return Ok(true);
        }
        if number > self.numbers.get(guarded.name).copied().unwrap_or(0) {
            return Ok(false); // nobody has got this number yet
        }
        let stored = self.store.thing(self.name(), guarded.name, number)?;
        self.hold(guarded, number, stored)
    }

    /// The number of the one that people call by this name.
    pub(super) fn number_of(
        &mut self,
        kind: &'static str,
        key: &Key,
    ) -> Result<Option<u64>, Failure> {
        let name = match key {
            Key::Number(number) => return Ok(Some(*number)),
            Key::Name(name) => name,
        };
        let subjects = self.staged.events.iter().map(|event| &event.of);
        let staged = subjects
            .filter(|of| of.kind == kind)
            .find(|of| of.name.as_deref() == Some(name.as_str()))
            .map(|of| of.number);
        if staged.is_some() {
            return Ok(staged);
        }
        Ok(self.store.thing_named(self.name(), kind, name)?.map(|thing| thing.number))
    }

    /// Takes it as it is stored, and lets happen to it what is staged.
    fn hold(
        &mut self,
        guarded: &Guarded,
        number: u64,
        stored: Option<Thing>,
    ) -> Result<bool, Failure> {
        let mut held = match stored {
            Some(thing) => Some(Held {
                state: state_of(&*self.store, self.name(), guarded, &thing)?,
                version: thing.version,
                last: thing.last,
                case: thing.case,
                name: thing.name,
            }),
            None => None,
        };
        let staged = self.staged.events.iter();
        for event in staged.filter(|it| it.of.kind == guarded.name && it.of.number == number) {
            let held =
                held.get_or_insert_with(|| Held::new(guarded, event.case, event.of.name.clone()));
            guarded.apply(&mut held.state, event)?;
            (held.version, held.last) = (event.version, event.position);
        }
        let found = held.is_some();
        if let Some(held) = held {
            self.things.put((guarded.name, number), held);
        }
        Ok(found)
    }

    fn load_row(&mut self, view: &Projection, number: u64) -> Result<HeldRow, Failure> {
        if let Some(row) = self.staged.rows.get(&(view.name, number)) {
            return Ok(HeldRow { row: view.read(&row.row)?, version: row.version });
        }
        let fresh = || HeldRow { row: view.fresh(), version: 0 };
        let last = match self.last_rows.get(view.name) {
            Some(last) => *last,
            None => last_row(&*self.store, self.name(), view.name)?,
        };
        self.last_rows.insert(view.name, last);
        if number > last {
            return Ok(fresh());
        }
        match self.store.row(self.name(), view.name, number)? {
            Some(shown) => Ok(HeldRow { row: read(view, &shown)?, version: shown.version }),
            None => Ok(fresh()),
        }
    }
}

impl Held {
    /// Nothing has happened to it yet.
    pub fn new(guarded: &Guarded, case: kernel::Case, name: Option<Arc<str>>) -> Self {
        let state: State = guarded.fresh();
        Self { state, version: 0, last: 0, case, name }
    }
}

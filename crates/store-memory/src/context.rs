//! What is kept of one context, and what a commit may change of it.

use std::{collections::BTreeMap, sync::Arc};

use kernel::Event;
use runtime::store::{
    Act, Answer, Changes, ContextLayout, Delivery, DeliveryChange, DeliveryKey, Heads, Progress,
    Row, StoreError, Thing,
};

/// What is kept of one context.
#[derive(Default)]
pub struct Kept {
    /// The indexed fields of each view, in the order in which a row has them.
    pub fields: BTreeMap<&'static str, Vec<&'static str>>,
    pub events: Vec<Event>,
    pub tallies: BTreeMap<&'static str, u64>,
    pub things: BTreeMap<(&'static str, u64), Thing>,
    pub rows: BTreeMap<(&'static str, u64), Row>,
    pub shadows: BTreeMap<&'static str, BTreeMap<u64, Row>>,
    pub answers: BTreeMap<u128, Answer>,
    pub progress: BTreeMap<(Arc<str>, &'static str), Progress>,
    pub deliveries: BTreeMap<DeliveryKey, Delivery>,
    pub acts: Vec<Act>,
    /// How many commits changed it.
    pub revision: u64,
}

impl Kept {
    pub fn of(context: &ContextLayout) -> Self {
        let fields = context.views.iter().map(|view| (view.name, view.indexes.clone()));
        Self { fields: fields.collect(), ..Self::default() }
    }

    pub fn heads(&self) -> Heads {
        let mut numbers = BTreeMap::<_, u64>::new();
        for (kind, number) in self.things.keys() {
            let last = numbers.entry(*kind).or_default();
            *last = (*last).max(*number);
        }
        Heads {
            position: self.events.len() as u64,
            numbers: numbers.into_iter().collect(),
            tallies: self.tallies.iter().map(|(name, count)| (*name, *count)).collect(),
        }
    }

    pub fn after(&self, position: u64) -> impl Iterator<Item = &Event> {
        self.events.iter().skip(usize::try_from(position).unwrap_or(usize::MAX))
    }

    /// Whether somebody else was faster.
    pub fn check(&self, changes: &Changes) -> Result<(), StoreError> {
        for (event, position) in changes.events.iter().zip(self.events.len() as u64 + 1..) {
            if event.position != position {
                return Err(StoreError::Conflict(format!("the journal of {}", changes.context)));
            }
        }
        for thing in &changes.things {
            let own = |it: &&Event| it.of.kind == thing.kind && it.of.number == thing.number;
            let new = changes.events.iter().filter(own).count() as u64;
            let held = self.things.get(&(thing.kind, thing.number)).map_or(0, |it| it.version);
            let same = |it: &&Thing| it.kind == thing.kind && it.name == thing.name;
            let taken = thing.name.is_some()
                && self.things.values().filter(same).any(|it| it.number != thing.number);
            if held + new != thing.version {
                return Err(StoreError::Conflict(format!("{} {}", thing.kind, thing.number)));
            }
            if let Some(name) = thing.name.as_ref().filter(|_| taken) {
                return Err(StoreError::Conflict(format!("{} {name}", thing.kind)));
            }
        }
        for progress in &changes.progress {
            let held = self.progress.get(&(progress.subscription.clone(), progress.source));
            let (position, epoch) = held.map_or((0, 0), |it| (it.position, it.epoch));
            let is_own = held.is_some_and(|it| it.owner == progress.owner);
            let is_held = progress.epoch == epoch + 1 || (progress.epoch == epoch && is_own);
            if !is_held || progress.before != position {
                return Err(StoreError::Fenced(progress.subscription.to_string()));
            }
        }
        Ok(())
    }

    /// Takes what was checked.
    pub fn take(&mut self, changes: &Changes) {
        self.revision += 1;
        self.events.extend(changes.events.iter().cloned());
        self.tallies.extend(changes.tallies.iter().copied());
        for thing in &changes.things {
            self.things.insert((thing.kind, thing.number), thing.clone());
        }
        for row in &changes.rows {
            self.rows.insert((row.view, row.number), row.clone());
        }
        for answer in &changes.answers {
            self.answers.insert(answer.scope, answer.clone());
        }
        for progress in &changes.progress {
            let key = (progress.subscription.clone(), progress.source);
            self.progress.insert(key, progress.clone());
        }
        self.acts.extend(changes.acts.iter().cloned());
        for change in &changes.deliveries {
            match change {
                DeliveryChange::Put(it) => self.deliveries.insert(it.key.clone(), it.clone()),
                DeliveryChange::Done(key) => self.deliveries.remove(key),
            };
        }
    }
}

//! What is committed in a trial: batches of every shape, from a seed.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Actor, Case, Cause, Event, Indexed, Record, Sentence, Subject, Time};
use runtime::store::{
    Answer, Batch, Changes, ContextLayout, Delivery, DeliveryChange, DeliveryKey, Layout, Progress,
    Row, Stage, Thing,
};

use crate::dice::Dice;

/// When all of it happens.
const NOW: Time = Time(1_767_571_200_000);

/// A subscription that follows every journal.
const FOLLOWER: &str = "Everything -> Follow";

/// The contexts of the repair centre, and room for them.
#[must_use]
pub fn layout() -> Layout {
    let system = appliance_repair::system();
    let contexts: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
    Layout::of(&system, &contexts)
}

/// So many batches, each of one context or of two.
#[must_use]
pub fn batches(seed: u64, count: usize) -> Vec<Batch> {
    let layout = layout();
    let dice = Dice::of(seed, 0xba7c);
    let guards = layout.contexts.iter().filter(|it| !it.kinds.is_empty());
    let mut courses: Vec<_> = guards.map(Course::of).collect();
    let mut scopes = 0;
    let batch = |_| {
        let first = dice.index(courses.len());
        let second = dice.index(courses.len());
        let both = if first == second { vec![first] } else { vec![first, second] };
        let both = if dice.percent(40) { both } else { vec![first] };
        let mut changes: Vec<_> = both.iter().map(|it| courses[*it].changes(&dice)).collect();
        for _ in 0..dice.below(3) {
            scopes += 1;
            changes[0].answers.push(answer(scopes, &dice));
        }
        Batch { changes }
    };
    (0..count).map(batch).collect()
}

/// How far a context has come.
struct Course {
    layout: ContextLayout,
    position: u64,
    things: BTreeMap<&'static str, Vec<u64>>,
    tallies: BTreeMap<&'static str, u64>,
    rows: BTreeMap<(&'static str, u64), u64>,
    parked: Vec<u64>,
}

impl Course {
    fn of(layout: &ContextLayout) -> Self {
        let things = layout.kinds.iter().map(|kind| (*kind, Vec::new())).collect();
        let (tallies, rows) = (BTreeMap::new(), BTreeMap::new());
        Self { layout: layout.clone(), position: 0, things, tallies, rows, parked: Vec::new() }
    }

    fn changes(&mut self, dice: &Dice) -> Changes {
        let mut changes = Changes::of(self.layout.name);
        let before = self.position;
        for _ in 0..=dice.below(4) {
            self.happen(&mut changes, dice);
        }
        for view in self.layout.views.clone() {
            for number in changes.things.iter().map(|it| it.number).collect::<Vec<_>>() {
                let is_there =
                    changes.rows.iter().any(|it| (it.view, it.number) == (view.name, number));
                if dice.percent(70) && !is_there {
                    changes.rows.push(self.row(view.name, view.indexes.len(), number, dice));
                }
            }
        }
        changes.progress.push(self.progress(before));
        if dice.percent(10) {
            self.parked.push(self.position);
            let delivery = self.delivery(self.position);
            changes.deliveries.push(DeliveryChange::Put(delivery));
        } else if dice.percent(10) && !self.parked.is_empty() {
            let position = self.parked.swap_remove(dice.index(self.parked.len()));
            changes.deliveries.push(DeliveryChange::Done(self.key(position)));
        }
        changes
    }

    /// One more event, of one that is new or of one that is there.
    fn happen(&mut self, changes: &mut Changes, dice: &Dice) {
        let kind = dice.pick(&self.layout.kinds);
        let name = dice.pick(&self.layout.events).0;
        let versions = self.things.entry(kind).or_default();
        if versions.is_empty() || dice.percent(40) {
            versions.push(0);
        }
        let index = dice.index(versions.len());
        versions[index] += 1;
        let (number, version) = (index as u64 + 1, versions[index]);
        self.position += 1;
        let called = number.is_multiple_of(3).then(|| Arc::from(format!("{kind} {number}")));
        let case = Case { kind, number };
        let record = Record {
            context: self.layout.name,
            position: self.position,
            of: Subject { kind, number, name: called.clone() },
            version,
            at: NOW,
            by: Actor::new("kim", "customer"),
            case,
            cause: Cause { command: "RequestService", event: None },
            trace: None,
        };
        changes.events.push(Event::stored(name, 1, json(dice), record));
        let tally = self.tallies.entry(name).or_default();
        *tally += 1;
        changes.tallies.retain(|(it, _)| *it != name);
        changes.tallies.push((name, *tally));
        changes.things.retain(|it| (it.kind, it.number) != (kind, number));
        let (last, state) = (self.position, json(dice));
        changes.things.push(Thing { kind, number, name: called, version, last, case, state });
    }

    fn row(&mut self, view: &'static str, fields: usize, number: u64, dice: &Dice) -> Row {
        let version = self.rows.entry((view, number)).or_default();
        *version += 1;
        let indexed = (0..fields).map(|_| match dice.below(3) {
            0 => Indexed::Nothing,
            1 => Indexed::Whole(i64::from(u16::try_from(dice.below(1000)).unwrap_or(0))),
            _ => Indexed::Text(format!("{:x}", dice.below(1000))),
        });
        Row { view, number, version: *version, row: json(dice), indexed: indexed.collect() }
    }

    fn progress(&self, before: u64) -> Progress {
        Progress {
            subscription: FOLLOWER.into(),
            source: self.layout.name,
            position: self.position,
            before,
            done: self.position,
            refused: 0,
            abandoned: 0,
            owner: "one".into(),
            epoch: 1,
            until: NOW,
        }
    }

    fn key(&self, position: u64) -> DeliveryKey {
        DeliveryKey { subscription: FOLLOWER.into(), source: self.layout.name, position }
    }

    fn delivery(&self, position: u64) -> Delivery {
        Delivery {
            key: self.key(position),
            case: Case { kind: self.layout.kinds[0], number: 1 },
            stage: Stage::Parked,
            attempts: 5,
            since: NOW,
            reason: Some(Sentence::new("지금은 안 됩니다", "not now")),
            ended: 0,
        }
    }
}

fn answer(scope: u128, dice: &Dice) -> Answer {
    Answer { scope, body: dice.bits().into(), at: NOW, said: json(dice) }
}

/// Mostly short, and now and then longer than a page or two.
fn json(dice: &Dice) -> Arc<[u8]> {
    let length = if dice.percent(4) { dice.between(3_000, 20_000) } else { dice.between(20, 400) };
    let text = (0..length).map(|_| char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or(0)));
    let text = text.collect::<String>();
    format!(r#"{{"what":"{text}"}}"#).into_bytes().into()
}

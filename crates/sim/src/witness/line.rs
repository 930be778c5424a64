//! One subscription, reading one journal: what it was delivered, commit by commit.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Case, Event};
use runtime::store::{DeliveryChange, DeliveryKey, Progress, Stage};

use super::{Taken, Wrong};
use crate::laws::{Law, P1, U5, U12, U13};

/// A subscription, reading one journal.
pub struct Line {
    /// The context that is told.
    pub context: &'static str,
    /// The name it is stored under.
    pub name: String,
    /// Whose journal it reads.
    pub source: &'static str,
    /// What it is told of.
    pub events: Vec<&'static str>,
    /// The command it gives, if it is not a view.
    pub command: Option<&'static str>,
    /// It waits before it acts.
    pub delayed: bool,
    /// How far it is.
    pub position: u64,
    /// What was put aside: its case, and the name of its stage.
    pub aside: Aside,
    /// How many are done.
    pub done: u64,
    /// How many were refused.
    pub refused: u64,
}

type Aside = BTreeMap<u64, (Case, &'static str)>;

/// What one commit changes of it.
struct Moved {
    /// What is over now.
    over: BTreeSet<u64>,
    /// What is aside now.
    aside: Aside,
    /// How many of those that are over were refused.
    refused: u64,
}

/// Which delivery it is about.
pub fn key(change: &DeliveryChange) -> &DeliveryKey {
    match change {
        DeliveryChange::Put(delivery) => &delivery.key,
        DeliveryChange::Done(key) => key,
    }
}

impl Line {
    /// Takes in what a commit has delivered: the positions that are over now.
    pub(super) fn take(
        &mut self,
        progress: &Progress,
        (changes, attempts): (&[&DeliveryChange], u64),
        journal: &[Event],
        taken: &mut Taken,
    ) -> Result<Vec<u64>, Wrong> {
        if progress.before != self.position || progress.position < self.position {
            let (from, to, at) = (progress.before, progress.position, self.position);
            return Err(self.wrong(
                &U13,
                None,
                &format!("from {from} to {to}, and it was at {at}"),
            ));
        }
        let moved = self.moved(progress.position, (changes, attempts), journal, taken)?;
        let case = |position: u64| journal[usize::try_from(position - 1).unwrap_or(0)].case;
        let first = moved.over.first().copied().or(changes.first().map(|it| key(it).position));
        if let Some(first) = first {
            let shown = moved.aside.iter().filter(|it| !self.delayed || it.1.1 != "waiting");
            let aside: Vec<_> = shown.map(|(it, (_, stage))| (it, stage)).collect();
            let (name, source, over, at) =
                (&self.name, self.source, &moved.over, progress.position);
            let text = format!("  {name} of {source}: {over:?} over, {aside:?} aside; at {at}");
            taken.told.push((Some(case(first)), text));
        }
        for position in &moved.over {
            self.in_order(*position, case(*position), &moved.aside)?;
        }
        self.done += moved.over.len() as u64 - moved.refused;
        self.refused += moved.refused;
        let (is, should) = ((progress.done, progress.refused), (self.done, self.refused));
        if is != should {
            let text = format!("{is:?} done and refused, and it should be {should:?}");
            return Err(self.wrong(&U12, None, &text));
        }
        (self.position, self.aside) = (progress.position, moved.aside);
        Ok(moved.over.into_iter().collect())
    }

    fn moved(
        &self,
        to: u64,
        (changes, attempts): (&[&DeliveryChange], u64),
        journal: &[Event],
        taken: &mut Taken,
    ) -> Result<Moved, Wrong> {
        let new = journal.iter().filter(|it| self.events.contains(&it.name));
        let new = new.map(|it| it.position).filter(|it| *it > self.position && *it <= to);
        let mut over: BTreeSet<u64> = new.collect();
        let known: BTreeSet<_> = over.iter().chain(self.aside.keys()).copied().collect();
        let (mut aside, mut refused) = (self.aside.clone(), 0);
        for change in changes {
            let position = key(change).position;
            if !known.contains(&position) {
                return Err(self.wrong(
                    &U5,
                    None,
                    &format!("{position} is moved, and was over before"),
                ));
            }
            match change {
                DeliveryChange::Put(it)
                    if it.stage == Stage::Parked
                        && u64::from(it.attempts.max(it.ended)) < attempts =>
                {
                    let text = format!("{position} is parked after {} attempts", it.attempts);
                    return Err(self.wrong(&P1, Some(it.case), &text));
                }
                DeliveryChange::Put(it) if it.stage.holds_up() => {
                    taken.remarkable.push(remark(&it.stage));
                    taken.remarkable.extend((it.stage == Stage::Parked).then_some(P1.id));
                    aside.insert(position, (it.case, it.stage.name()));
                    over.remove(&position);
                }
                DeliveryChange::Put(it) => {
                    aside.remove(&position);
                    refused += u64::from(it.stage == Stage::Refused);
                    over.insert(position);
                }
                DeliveryChange::Done(_) => {
                    aside.remove(&position);
                    over.insert(position);
                }
            }
        }
        Ok(Moved { over, aside, refused })
    }

    /// Nothing of a case is done before what is to be done first. Where things
    /// wait for a later day, only what has failed is to be done first.
    fn in_order(&self, position: u64, case: Case, aside: &Aside) -> Result<(), Wrong> {
        let first = |(before, (it, stage)): &(&u64, &(Case, &str))| {
            let waited = self.aside.get(before).is_none_or(|it| it.1 == "waiting");
            let failed = *stage != "waiting" && !waited;
            *it == case && if self.delayed { failed } else { **before < position }
        };
        match aside.iter().find(first) {
            Some((before, _)) => {
                Err(self.wrong(&U13, Some(case), &format!("{position} is done before {before}")))
            }
            None => Ok(()),
        }
    }

    fn wrong(&self, law: &'static Law, case: Option<Case>, what: &str) -> Wrong {
        (law, case, format!("{} of {}: {what}", self.name, self.source))
    }
}

fn remark(stage: &Stage) -> &'static str {
    match stage {
        Stage::Failed { .. } => "a delivery is put aside",
        Stage::Parked => "a delivery is parked",
        Stage::Waiting { due } if due.0 == i64::MAX => "a case is held up",
        _ => "a delivery waits for its time",
    }
}

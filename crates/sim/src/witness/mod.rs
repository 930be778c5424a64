//! Sees every commit, and knows from the declaration alone what it must hold:
//! a second model of the platform, as slow and plain as it can be.

mod course;
mod folds;
mod line;
mod lines;
mod purse;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Case, Event, System};
use runtime::store::{Batch, Changes};

use crate::{
    laws::{B1D, Law, U1, U2, U4, U5, U6, U8, U9, U11, U12, U13, U14},
    world::Broken,
};
use folds::Folds;
pub use line::Line;
use purse::Purse;
use shelf::Shelves;

/// Sees every commit.
pub struct Witness {
    /// Every event that was committed, by context.
    pub journals: BTreeMap<&'static str, Vec<Event>>,
    /// Every subscription with every journal it reads.
    pub lines: Vec<Line>,
    /// The parts on their shelves.
    pub shelves: Shelves,
    folds: Folds,
    purse: Purse,
    versions: BTreeMap<(&'static str, u64), u64>,
    cases: BTreeMap<(&'static str, u64), Case>,
    attempts: u64,
    scopes: BTreeSet<u128>,
}

/// What was seen in one commit.
#[derive(Default)]
pub struct Taken {
    /// For the trace.
    pub told: Vec<(Option<Case>, String)>,
    /// What does not happen every day.
    pub remarkable: Vec<&'static str>,
    /// What is wrong with it.
    pub broken: Option<Broken>,
}

/// What is wrong, and with which case.
pub type Wrong = (&'static Law, Option<Case>, String);

impl Witness {
    /// Nothing has happened yet.
    #[must_use]
    pub fn of(system: &System, attempts: u64) -> Self {
        let (shelves, folds, versions, scopes) = Default::default();
        let (purse, cases) = Default::default();
        let journals = system.contexts.iter().map(|context| (context.name, Vec::new()));
        let lines = lines::lines(system);
        let journals = journals.collect();
        Self { journals, lines, shelves, folds, purse, versions, cases, attempts, scopes }
    }

    /// Takes in a commit that was made.
    pub fn take(&mut self, system: &System, batch: &Batch) -> Taken {
        let mut taken = Taken::default();
        let heads: BTreeMap<_, _> =
            self.journals.iter().map(|(name, events)| (*name, events.len() as u64)).collect();
        for changes in &batch.changes {
            if let Err((law, case, sentence)) = self.look_at(system, changes, &heads, &mut taken) {
                taken.broken.get_or_insert(Broken { law, sentence, case });
            }
        }
        taken
    }

    fn look_at(
        &mut self,
        system: &System,
        changes: &Changes,
        heads: &BTreeMap<&'static str, u64>,
        taken: &mut Taken,
    ) -> Result<(), Wrong> {
        for event in &changes.events {
            taken.told.push((Some(event.case), said(event)));
            taken.remarkable.extend([event.name, U1.id, U2.id, U14.id]);
            taken.remarkable.extend(event.cause.event.map(|_| U6.id));
            taken.remarkable.extend(match event.context {
                "service" => Some(B1D.id),
                "payment" => Some(U8.id),
                "stock" => Some(U9.id),
                _ => None,
            });
            self.follows(event, heads)?;
            self.folds.happens(system, event)?;
            self.shelves.happens(event)?;
            self.purse.happens(event, &self.journals)?;
            self.courses(event, taken);
            self.journals.entry(changes.context).or_default().push(event.clone());
        }
        let lines = (&mut self.lines[..], self.attempts);
        let done = lines::take(lines, &self.journals, changes, taken)?;
        if done.values().any(|it| !it.is_empty()) {
            taken.remarkable.extend([U5.id, U12.id, U13.id]);
        }
        lines::every_effect_has_its_delivery(&self.lines, changes, &done)?;
        self.folds.every_state_is_its_history(system, changes)?;
        self.folds.every_row_is_its_history(system, changes, &self.lines, &done, &self.journals)?;
        taken.remarkable.extend(changes.things.first().map(|_| U11.id));
        for answer in &changes.answers {
            taken.remarkable.push(U4.id);
            if !self.scopes.insert(answer.scope) {
                return Err((&U4, None, format!("two answers under the key {:x}", answer.scope)));
            }
        }
        for (name, tally) in &changes.tallies {
            let all = &self.journals[changes.context];
            if all.iter().filter(|event| event.name == *name).count() as u64 != *tally {
                return Err((&U2, None, format!("{tally} is not how many {name} there are")));
            }
        }
        Ok(())
    }

    /// Whether it is the next, and follows from something that was there before.
    fn follows(&mut self, event: &Event, heads: &BTreeMap<&str, u64>) -> Result<(), Wrong> {
        let wrong =
            |law, what: String| Err((law, Some(event.case), format!("{} {what}", said(event))));
        let position = self.journals[event.context].len() as u64 + 1;
        if event.position != position {
            return wrong(&U2, format!("should be at {position}"));
        }
        let version = self.versions.entry((event.of.kind, event.of.number)).or_default();
        *version += 1;
        if event.version != *version {
            return wrong(&U1, format!("should be version {version}"));
        }
        let Some((context, cause)) = event.cause.event else { return self.begins(event) };
        if heads.get(context).is_none_or(|head| *head < cause) {
            return wrong(&U6, "follows from what was not there".into());
        }
        let cause = &self.journals[context][usize::try_from(cause - 1).unwrap_or(0)];
        if cause.case != event.case || cause.trace != event.trace {
            return wrong(&U14, format!("is of another case or trace than {}", said(cause)));
        }
        self.cases.entry((event.of.kind, event.of.number)).or_insert(event.case);
        Ok(())
    }

    /// What somebody has brought about is of the case of the one it happened
    /// to, or begins its own.
    fn begins(&mut self, event: &Event) -> Result<(), Wrong> {
        let (kind, number) = (event.of.kind, event.of.number);
        let case = *self.cases.entry((kind, number)).or_insert(Case { kind, number });
        if event.case == case && event.trace.is_some() {
            return Ok(());
        }
        Err((&U14, Some(event.case), format!("{} is not of its case, or of no trace", said(event))))
    }

    /// Whether something was answered under this key.
    #[must_use]
    pub fn answered(&self, scope: u128) -> bool {
        self.scopes.contains(&scope)
    }

    /// How many of a kind there are.
    #[must_use]
    pub fn count(&self, kind: &'static str) -> u64 {
        self.versions.range((kind, 0)..=(kind, u64::MAX)).count() as u64
    }
}

/// An event, for a person to read.
fn said(event: &Event) -> String {
    let because = match event.cause.event {
        Some((context, position)) => {
            format!("{} because of {context}/{position}", event.cause.command)
        }
        None => format!("{} by {}", event.cause.command, event.by.name),
    };
    let (of, version) = (&event.of, event.version);
    let (context, position, case) = (event.context, event.position, event.case);
    format!(
        "{context}/{position} {} ({} {} v{version}, {} {}) {because}",
        event.name, of.kind, of.number, case.kind, case.number
    )
}

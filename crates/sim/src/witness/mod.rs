//! Sees every commit, and knows from the declaration alone what it must hold:
//! a second model of the platform, as slow and plain as it can be.

mod folds;
mod line;
mod lines;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Case, Event, System};
use runtime::store::{Batch, Changes};

use crate::world::Broken;
use folds::Folds;
pub use line::Line;
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
    versions: BTreeMap<(&'static str, u64), u64>,
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
pub type Wrong = (Option<Case>, String);

impl Witness {
    /// Nothing has happened yet.
    #[must_use]
    pub fn of(system: &System) -> Self {
        let (shelves, folds, versions, scopes) = Default::default();
        let journals = system.contexts.iter().map(|context| (context.name, Vec::new()));
        let lines = lines::lines(system);
        Self { journals: journals.collect(), lines, shelves, folds, versions, scopes }
    }

    /// Takes in a commit that was made.
    pub fn take(&mut self, system: &System, batch: &Batch) -> Taken {
        let mut taken = Taken::default();
        let heads: BTreeMap<_, _> =
            self.journals.iter().map(|(name, events)| (*name, events.len() as u64)).collect();
        for changes in &batch.changes {
            if let Err((case, sentence)) = self.look_at(system, changes, &heads, &mut taken) {
                taken.broken.get_or_insert(Broken { sentence, case });
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
            taken.remarkable.push(event.name);
            self.follows(event, heads)?;
            self.folds.happens(system, event)?;
            self.shelves.happens(event)?;
            self.journals.entry(changes.context).or_default().push(event.clone());
        }
        let done = lines::take(&mut self.lines, &self.journals, changes, taken)?;
        lines::every_effect_has_its_delivery(&self.lines, changes, &done)?;
        self.folds.every_state_is_its_history(system, changes)?;
        self.folds.every_row_is_its_history(system, changes, &self.lines, &done, &self.journals)?;
        for answer in &changes.answers {
            if !self.scopes.insert(answer.scope) {
                return Err((None, format!("two answers under the key {:x}", answer.scope)));
            }
        }
        for (name, tally) in &changes.tallies {
            let all = &self.journals[changes.context];
            if all.iter().filter(|event| event.name == *name).count() as u64 != *tally {
                return Err((None, format!("{tally} is not how many {name} there are")));
            }
        }
        Ok(())
    }

    /// Whether it is the next, and follows from something that was there before.
    fn follows(&mut self, event: &Event, heads: &BTreeMap<&str, u64>) -> Result<(), Wrong> {
        let wrong = |what: String| Err((Some(event.case), format!("{} {what}", said(event))));
        let position = self.journals[event.context].len() as u64 + 1;
        if event.position != position {
            return wrong(format!("should be at {position}"));
        }
        let version = self.versions.entry((event.of.kind, event.of.number)).or_default();
        *version += 1;
        if event.version != *version {
            return wrong(format!("should be version {version}"));
        }
        let Some((context, cause)) = event.cause.event else { return Ok(()) };
        if heads.get(context).is_none_or(|head| *head < cause) {
            return wrong("follows from what was not there".into());
        }
        let cause = &self.journals[context][usize::try_from(cause - 1).unwrap_or(0)];
        if cause.case != event.case {
            return wrong(format!("is of another case than {}", said(cause)));
        }
        Ok(())
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

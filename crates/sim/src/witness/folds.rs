//! Every state and every row, folded again from what was committed.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Event, State, System};
use runtime::store::Changes;

use super::{Wrong, line::Line, lines::Done};
use crate::laws::U11;

type One = (&'static str, u64);

/// Every state and every row, folded again.
#[derive(Default)]
pub struct Folds {
    states: BTreeMap<One, State>,
    rows: BTreeMap<One, (State, u64)>,
}

impl Folds {
    /// An event happens to its aggregate.
    pub fn happens(&mut self, system: &System, event: &Event) -> Result<(), Wrong> {
        let context = system.context(event.context);
        let Some(guarded) = context.and_then(|it| it.guarded(event.of.kind)) else {
            return Err((&U11, Some(event.case), format!("nobody guards a {}", event.of.kind)));
        };
        let one = (event.of.kind, event.of.number);
        let state = self.states.entry(one).or_insert_with(|| guarded.fresh());
        guarded.apply(state, event).map_err(|it| (&U11, Some(event.case), it.to_string()))
    }

    /// Every state in a commit is the fold of its history.
    pub fn every_state_is_its_history(
        &self,
        system: &System,
        changes: &Changes,
    ) -> Result<(), Wrong> {
        let happened: BTreeSet<_> =
            changes.events.iter().map(|it| (it.of.kind, it.of.number)).collect();
        let written: BTreeSet<_> = changes.things.iter().map(|it| (it.kind, it.number)).collect();
        if happened != written {
            return Err((
                &U11,
                None,
                format!("{written:?} are written, and {happened:?} have changed"),
            ));
        }
        for thing in &changes.things {
            let guarded = system.context(changes.context).and_then(|it| it.guarded(thing.kind));
            let state = self.states.get(&(thing.kind, thing.number));
            let folded = guarded.zip(state).and_then(|(it, state)| it.write(state).ok());
            if folded.as_deref() != Some(&*thing.state) {
                let stored = String::from_utf8_lossy(&thing.state);
                let (kind, number, version) = (thing.kind, thing.number, thing.version);
                let text = format!("{kind} {number} v{version} is not its history: {stored}");
                return Err((&U11, Some(thing.case), text));
            }
        }
        Ok(())
    }

    /// Every row in a commit is the fold of what its view was shown.
    pub fn every_row_is_its_history(
        &mut self,
        system: &System,
        changes: &Changes,
        lines: &[Line],
        done: &Done,
        journals: &BTreeMap<&'static str, Vec<Event>>,
    ) -> Result<(), Wrong> {
        let Some(context) = system.context(changes.context) else { return Ok(()) };
        let mut touched = BTreeSet::new();
        for view in &context.views {
            let mut shown: Vec<&Event> = Vec::new();
            if view.is_own(context) {
                shown.extend(changes.events.iter().filter(|event| view.shows(event.name)));
            }
            for (index, positions) in done {
                let line = &lines[*index];
                if line.command.is_none() && line.name == view.name {
                    let journal = &journals[line.source];
                    let at = |it: &u64| &journal[usize::try_from(*it - 1).unwrap_or(0)];
                    shown.extend(positions.iter().map(at));
                }
            }
            for event in shown {
                let unreadable = |it: kernel::Unreadable| (&U11, Some(event.case), it.to_string());
                let Some(number) = view.key(event).map_err(unreadable)? else { continue };
                let row = self.rows.entry((view.name, number));
                let (row, version) = row.or_insert_with(|| (view.fresh(), 0));
                view.apply(row, event).map_err(unreadable)?;
                *version += 1;
                touched.insert((view.name, number));
            }
        }
        let written: BTreeSet<_> = changes.rows.iter().map(|it| (it.view, it.number)).collect();
        if touched != written {
            return Err((
                &U11,
                None,
                format!("rows {written:?} are written, and {touched:?} have changed"),
            ));
        }
        for row in &changes.rows {
            let view = context.shown(row.view);
            let (Some(view), Some((state, version))) =
                (view, self.rows.get(&(row.view, row.number)))
            else {
                continue;
            };
            let folded = view.write(state).ok();
            if folded.as_deref() != Some(&*row.row) || *version != row.version {
                let (stored, shown) = (String::from_utf8_lossy(&row.row), row.version);
                let text =
                    format!("{}/{} v{shown} is not its history: {stored}", row.view, row.number);
                return Err((&U11, None, text));
            }
        }
        Ok(())
    }
}

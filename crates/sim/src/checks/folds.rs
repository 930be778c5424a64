//! What is in the databases is what was committed, folded from the beginning.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Context, Event, Projection};
use runtime::store::{Query, Sort, Start, Store, StoreError};

use super::Wrong;
use crate::{
    laws::{U1, U2, U11},
    world::World,
};

/// Every journal holds what was committed, and nothing else.
pub fn journals(world: &World) -> Result<(), Wrong> {
    let witness = world.witness.lock();
    for context in &world.system.contexts {
        let stored = world.database(context.name).events(context.name, 0, usize::MAX);
        let stored = stored.map_err(|it| unreadable(&it))?;
        let seen = &witness.journals[context.name];
        let same = |one: &Event, two: &Event| {
            (one.position, one.name, &one.of, one.version, &one.body)
                == (two.position, two.name, &two.of, two.version, &two.body)
        };
        if stored.len() != seen.len() || stored.iter().zip(seen).any(|(a, b)| !same(a, b)) {
            return Err((
                &U2,
                None,
                format!("the journal of {} is not what was committed", context.name),
            ));
        }
    }
    Ok(())
}

/// Every state is the fold of its history, whose versions are 1 to n.
pub fn states(world: &World) -> Result<(), Wrong> {
    for context in &world.system.contexts {
        let database = world.database(context.name);
        let events = database.events(context.name, 0, usize::MAX).map_err(|it| unreadable(&it))?;
        let things: BTreeSet<_> = events.iter().map(|it| (it.of.kind, it.of.number)).collect();
        for (kind, number) in things {
            let Some(guarded) = context.guarded(kind) else { continue };
            let history =
                database.history(context.name, kind, number).map_err(|it| unreadable(&it))?;
            let case = history.first().map(|event| event.case);
            let mut state = guarded.fresh();
            for (version, event) in (1..).zip(&history) {
                if event.version != version {
                    return Err((&U1, case, format!("{kind} {number} has no version {version}")));
                }
                guarded.apply(&mut state, event).map_err(|it| (&U11, case, it.to_string()))?;
            }
            let folded = guarded.write(&state).map_err(|it| (&U11, case, it.to_string()))?;
            let thing = database.thing(context.name, kind, number).map_err(|it| unreadable(&it))?;
            if thing.is_none_or(|it| *it.state != *folded || it.version != history.len() as u64) {
                return Err((&U11, case, format!("{kind} {number} is not its history")));
            }
        }
    }
    Ok(())
}

/// Every row is the fold of what happened, journal by journal; and there is no other.
pub fn rows(world: &World) -> Result<(), Wrong> {
    for context in &world.system.contexts {
        for view in &context.views {
            rows_of(world, context, view)?;
        }
    }
    Ok(())
}

fn rows_of(world: &World, context: &Context, view: &Projection) -> Result<(), Wrong> {
    let witness = world.witness.lock();
    let mut folded = BTreeMap::new();
    for event in witness.journals.values().flatten().filter(|event| view.shows(event.name)) {
        let wrong = |it: kernel::Unreadable| (&U11, Some(event.case), it.to_string());
        let Some(number) = view.key(event).map_err(wrong)? else { continue };
        let row = folded.entry(number).or_insert_with(|| view.fresh());
        view.apply(row, event).map_err(wrong)?;
    }
    let start = Start::Skip(0);
    let all = Query { filters: Vec::new(), sort: Sort::default(), start, size: usize::MAX };
    let stored = world.database(context.name).rows(context.name, view.name, &all);
    let stored: BTreeMap<_, _> =
        stored.map_err(|it| unreadable(&it))?.into_iter().map(|it| (it.number, it.row)).collect();
    for (number, row) in &folded {
        let row = view.write(row).map_err(|it| (&U11, None, it.to_string()))?;
        if stored.get(number).is_none_or(|it| **it != *row) {
            let stored = stored.get(number).map(|it| String::from_utf8_lossy(it));
            let row = String::from_utf8_lossy(&row);
            return Err((
                &U11,
                None,
                format!("{}/{number} is {stored:?}, should be {row}", view.name),
            ));
        }
    }
    if stored.len() != folded.len() {
        return Err((
            &U11,
            None,
            format!("{} has {} rows, not {}", view.name, stored.len(), folded.len()),
        ));
    }
    Ok(())
}

fn unreadable(error: &StoreError) -> Wrong {
    (&U11, None, error.to_string())
}

//! What each subscription has been delivered: everything once, each case in order.

use std::collections::BTreeMap;

use kernel::{Event, Subscription, System};
use runtime::store::Changes;

use super::{
    Taken, Wrong,
    line::{Line, key},
};
use crate::laws::{U5, U6};

/// Which deliveries of which line, by its index, a commit has done.
pub type Done = BTreeMap<usize, Vec<u64>>;

/// Every subscription with every journal it reads, from the declaration.
pub fn lines(system: &System) -> Vec<Line> {
    let mut lines = Vec::new();
    for context in &system.contexts {
        for subscription in context.subscriptions() {
            let (command, delayed) = match subscription {
                Subscription::Policy(it) => (Some(it.command.name), it.after.is_some()),
                Subscription::Effect(it) => (Some(it.command.name), false),
                Subscription::View(_) => (None, false),
            };
            let mut sources: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for event in subscription.events() {
                if let Some(decider) = system.decider(event.name) {
                    sources.entry(decider.name).or_default().push(event.name);
                }
            }
            for (source, events) in sources {
                lines.push(Line {
                    context: context.name,
                    name: subscription.name(),
                    source,
                    events,
                    command,
                    delayed,
                    position: 0,
                    aside: BTreeMap::new(),
                    done: 0,
                    refused: 0,
                });
            }
        }
    }
    lines
}

/// Takes in what a commit has delivered.
pub fn take(
    (lines, attempts): (&mut [Line], u64),
    journals: &BTreeMap<&'static str, Vec<Event>>,
    changes: &Changes,
    taken: &mut Taken,
) -> Result<Done, Wrong> {
    let mut done = Done::new();
    for (index, line) in lines.iter_mut().enumerate() {
        if line.context != changes.context {
            continue;
        }
        let is_own =
            |subscription: &str, source| subscription == line.name && source == line.source;
        let progress = changes.progress.iter().find(|it| is_own(&it.subscription, it.source));
        let moved: Vec<_> = changes
            .deliveries
            .iter()
            .filter(|change| is_own(&key(change).subscription, key(change).source))
            .collect();
        match progress {
            Some(progress) => {
                done.insert(
                    index,
                    line.take(progress, (&moved, attempts), &journals[line.source], taken)?,
                );
            }
            None if moved.is_empty() => {}
            None => return Err((&U5, None, format!("{} moves without its lease", line.name))),
        }
    }
    Ok(done)
}

/// Effects and progress are one commit: what follows from an event is there
/// exactly when its delivery is done.
pub fn every_effect_has_its_delivery(
    lines: &[Line],
    changes: &Changes,
    done: &Done,
) -> Result<(), Wrong> {
    for event in &changes.events {
        let Some((source, position)) = event.cause.event else { continue };
        let delivered = done.iter().any(|(index, positions)| {
            let line = &lines[*index];
            let own = line.source == source && line.command == Some(event.cause.command);
            own && positions.contains(&position)
        });
        if !delivered {
            let what = super::said(event);
            return Err((
                &U6,
                Some(event.case),
                format!("{what}, which was not delivered just now"),
            ));
        }
    }
    Ok(())
}

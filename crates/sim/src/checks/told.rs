//! What people were told is there, and stays there.

use runtime::{Settlement, store::Store};

use super::Wrong;
use crate::{laws::U3, people::Given, world::World};

/// Everything that anybody was told is true.
pub fn is_true(world: &World) -> Result<(), Wrong> {
    let given = world.given.lock();
    given.iter().try_for_each(|given| is_one_true(world, given))
}

fn is_one_true(world: &World, given: &Given) -> Result<(), Wrong> {
    let (context, position) = given.seen;
    let Given { command, of, .. } = given;
    let what = format!("{command} told {} {} at {context}/{position}", of.kind, of.number);
    let events = world.database(context).events(context, position - 1, 1).unwrap_or_default();
    let Some(event) = events.first().filter(|event| event.of == *of) else {
        return Err((&U3, None, format!("{what}, and it is gone")));
    };
    if let Some(scope) = given.scope {
        let kept = world.database(context).answer(context, scope);
        if !matches!(kept, Ok(Some(_))) {
            return Err((&U3, Some(event.case), format!("{what}, and its key is gone")));
        }
    }
    let rule = world.system.context(context).and_then(|it| it.rule(command));
    let settles = rule.map_or(&[][..], |(_, rule)| rule.settles.as_slice());
    if settles.is_empty() {
        return Ok(());
    }
    let by = settles.iter().find(|it| it.event.name == event.name);
    let is_so = match &given.outcome {
        Settlement::Settled => by.is_some_and(|it| it.refusal.is_none()),
        Settlement::Refused(_) => by.is_some_and(|it| it.refusal.is_some()),
        Settlement::Pending => true,
    };
    if is_so {
        return Ok(());
    }
    Err((&U3, Some(event.case), format!("{what} {:?}, and it was {}", given.outcome, event.name)))
}

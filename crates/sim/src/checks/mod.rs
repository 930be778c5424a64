//! What must hold when all has settled.

mod cases;
mod course;
mod folds;
mod money;
mod told;

use kernel::Case;

use crate::{
    options::Business,
    people,
    witness::{Line, Witness},
    world::World,
};

/// What is wrong, and with which case.
type Wrong = (Option<Case>, String);

type Check = fn(&World) -> Result<(), Wrong>;

/// Everything.
pub fn all(world: &World) {
    if world.broken().is_some() {
        return;
    }
    people::audit(world);
    let all: &[Check] = &[folds::journals, folds::states, folds::rows, told::is_true];
    let own: &[Check] = match world.options.business {
        Business::Repair => &[cases::end_well, cases::parts, money::adds_up],
        Business::Course => &[course::is_run],
    };
    for check in all.iter().chain(own) {
        if let Err((case, sentence)) = check(world) {
            world.breaks(case, sentence);
        }
    }
}

/// Whether nothing waits any more; `later` when that goes for what waits for a
/// later day too.
pub fn is_all_delivered(world: &World, later: bool) -> bool {
    let witness = world.witness.lock();
    witness.lines.iter().all(|line| missing(&witness, line, later).is_none())
}

/// Says what is not delivered, though it should be.
pub fn say_what_is_not_delivered(world: &World, later: bool) {
    let witness = world.witness.lock();
    for line in &witness.lines {
        if let Some((case, what)) = missing(&witness, line, later) {
            let text = format!("{} of {}: {what} is not delivered", line.name, line.source);
            world.breaks(case, text);
        }
    }
}

/// The first that is not delivered, if any.
fn missing(witness: &Witness, line: &Line, later: bool) -> Option<Wrong> {
    let patient = |stage: &str| line.delayed && !later && stage == "waiting";
    let mut aside = line.aside.iter();
    if let Some((position, (case, stage))) = aside.find(|(_, (_, stage))| !patient(stage)) {
        return Some((Some(*case), format!("{position} ({stage})")));
    }
    let mut journal = witness.journals[line.source].iter();
    let next = journal.find(|it| it.position > line.position && line.events.contains(&it.name))?;
    Some((Some(next.case), format!("{} {}", next.position, next.name)))
}

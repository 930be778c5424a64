//! What must hold when all has settled.

mod cases;
mod course;
mod folds;
mod money;
mod told;

use kernel::Case;

use crate::{
    laws::{B1A, B1B, B1C, B1D, Law, U1, U2, U3, U5, U6, U7, U8, U9, U10, U11},
    options::Business,
    people,
    witness::{Line, Witness},
    world::World,
};

/// What is wrong, and with which case.
type Wrong = (&'static Law, Option<Case>, String);

type Check = fn(&World) -> Result<(), Wrong>;

/// Everything.
pub fn all(world: &World) {
    if world.broken().is_some() {
        return;
    }
    people::audit(world);
    let all: &[(Check, &[&Law])] = &[
        (folds::journals, &[&U2]),
        (folds::states, &[&U1, &U11]),
        (folds::rows, &[&U11]),
        (told::is_true, &[&U3]),
    ];
    let own: &[(Check, &[&Law])] = match world.options.business {
        Business::Repair => &[
            (cases::end_well, &[&B1A, &B1B, &B1D]),
            (cases::parts, &[&B1C, &U9]),
            (money::adds_up, &[&U6, &U8, &U10]),
        ],
        Business::Course => &[(course::is_run, &[&U5])],
    };
    for (check, laws) in all.iter().chain(own) {
        laws.iter().for_each(|law| world.looks(law));
        if let Err((law, case, sentence)) = check(world) {
            world.breaks(law, case, sentence);
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
        if let Some((law, case, what)) = missing(&witness, line, later) {
            let text = format!("{} of {}: {what} is not delivered", line.name, line.source);
            world.breaks(law, case, text);
        }
    }
}

/// The first that is not delivered, if any.
fn missing(witness: &Witness, line: &Line, later: bool) -> Option<Wrong> {
    let patient = |stage: &str| line.delayed && !later && stage == "waiting";
    let mut aside = line.aside.iter();
    if let Some((position, (case, stage))) = aside.find(|(_, (_, stage))| !patient(stage)) {
        return Some((&U7, Some(*case), format!("{position} ({stage})")));
    }
    let mut journal = witness.journals[line.source].iter();
    let next = journal.find(|it| it.position > line.position && line.events.contains(&it.name))?;
    Some((&U7, Some(next.case), format!("{} {}", next.position, next.name)))
}

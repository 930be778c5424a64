//! At the writer's desk: effects and progress in one commit.

use std::{sync::Arc, time::Duration};

use kernel::{Actor, Case, Event, Projection, Sentence, System, Time};

use super::{
    Line,
    prepare::{Ready, Todo, Wanted},
};
use crate::{
    Failure, Settings,
    mutant::{self, DEAD_LETTER_LOST},
    store::{Delivery, Progress, Stage as Where},
    writer::{Decide, Stage, Target},
};

/// Behind another of its case: not before that one is done.
pub const BEHIND: Time = Time(i64::MAX);

/// What a batch of deliveries came to.
pub struct Delivered {
    /// Where the subscription is now.
    pub progress: Progress,
    /// Every delivery that was put aside or moved on.
    pub aside: Vec<Delivery>,
    /// Every delivery that was put aside before and is over now.
    pub over: Vec<(Case, u64)>,
}

/// One batch on its way.
pub struct Batch {
    pub line: Line,
    pub system: Arc<System>,
    pub settings: Settings,
    pub progress: Progress,
    /// Up to where the journal is done with this batch.
    pub to: u64,
    pub ready: Vec<Ready>,
    /// The next of its case behind a delivery, by position.
    pub behind: Vec<(u64, Delivery)>,
    pub chance: u128,
}

impl Batch {
    /// Does all of it, in order. What fails is put aside, and with it whatever
    /// comes later of its case; the rest goes on.
    pub fn deliver(self, stage: &mut Stage<'_>, lease: Option<Duration>) -> Delivered {
        let Self { line, system, settings, progress, to, ready, behind, chance } = self;
        let until = lease.map_or(progress.until, |lease| stage.now().plus(lease));
        let position = to.max(progress.position);
        let progress = Progress { position, until, ..progress };
        let mut done = Delivered { progress, aside: Vec::new(), over: Vec::new() };
        let mut held: Vec<Case> = Vec::new();
        for Ready { event, before, todo } in ready {
            let key = line.key(event.position);
            let was_aside = before.is_some();
            let now = stage.now();
            let aside = |stage, attempts, reason| Delivery {
                key: key.clone(),
                case: event.case,
                stage,
                attempts,
                since: before.as_ref().map_or(now, |it| it.since),
                reason,
                ended: 0,
            };
            let attempts = before.as_ref().map_or(0, counted);
            if was_aside && held.contains(&event.case) {
                continue; // it stays where it is, and is looked at again
            }
            let result = if held.contains(&event.case) && !mutant::NOTHING_HELD_UP.is_planted() {
                Ok(Outcome::Later(BEHIND))
            } else {
                stage.attempt(|stage| act(stage, &line, &system, &event, todo))
            };
            let put = match result {
                Ok(Outcome::Done) => {
                    done.progress.done += 1;
                    if was_aside {
                        stage.settle(key);
                    }
                    None
                }
                Ok(Outcome::Refused(sentence)) => {
                    done.progress.refused += 1;
                    stage.put_aside(aside(Where::Refused, attempts + 1, Some(sentence)));
                    None
                }
                Ok(Outcome::Later(due)) => Some(aside(Where::Waiting { due }, attempts, None)),
                Err(failure) => {
                    held.push(event.case);
                    let next = next_stage(&settings, &failure, attempts + 1, now, chance);
                    Some(aside(next, attempts + 1, Some(failure.told())))
                }
            };
            match put {
                Some(lost) if lost.stage == Where::Parked && DEAD_LETTER_LOST.is_planted() => {
                    done.progress.done += 1;
                    stage.settle(lost.key);
                }
                Some(delivery) => {
                    stage.put_aside(delivery.clone());
                    done.aside.push(delivery);
                    continue;
                }
                None if was_aside => {}
                None => continue,
            }
            done.over.push((event.case, event.position));
            release(stage, &mut done, &behind, event.position, now);
        }
        stage.move_on(done.progress.clone());
        done
    }
}

/// What was counted before it was tried is not counted again.
fn counted(before: &Delivery) -> u32 {
    before.attempts.saturating_sub(u32::from(before.ended > 0))
}

enum Outcome {
    Done,
    Refused(Sentence),
    Later(Time),
}

fn act(
    stage: &mut Stage<'_>,
    line: &Line,
    system: &System,
    event: &Event,
    todo: Todo,
) -> Result<Outcome, Failure> {
    match todo {
        Todo::Fail(Failure::Refused(sentence)) => Ok(Outcome::Refused(sentence)),
        Todo::Fail(failure) => Err(failure),
        Todo::Later(due) => Ok(Outcome::Later(due)),
        Todo::Show(index) => {
            let view: Option<&Projection> =
                system.context(line.context).and_then(|context| context.views.get(index));
            if let Some(view) = view {
                stage.show(view, event)?;
                if mutant::SHOWN_TWICE.is_planted() {
                    stage.show(view, event)?;
                }
            }
            Ok(Outcome::Done)
        }
        Todo::Decide(wanted) => {
            let mut refused = None;
            for wanted in wanted {
                match decide(stage, line, event, &wanted) {
                    Ok(()) => {}
                    Err(Failure::Refused(sentence)) => refused = Some(sentence),
                    Err(failure) => return Err(failure),
                }
            }
            Ok(refused.map_or(Outcome::Done, Outcome::Refused))
        }
    }
}

fn decide(
    stage: &mut Stage<'_>,
    line: &Line,
    event: &Event,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let order = order(line, event, wanted);
    stage.attempt(|stage| stage.decide(&order)).map(|_| ())
}

/// The command as the system gives it because of this event.
pub fn order<'a>(line: &Line, event: &Event, wanted: &'a Wanted) -> Decide<'a> {
    Decide {
        name: wanted.name,
        to: Target::ThisOrNew(wanted.to.clone()),
        command: &wanted.command,
        by: Actor::system(),
        asked: wanted.asked.as_ref(),
        case: (!mutant::CASE_FORGOTTEN.is_planted()).then_some(event.case),
        because: Some((line.source, event.position)),
        trace: event.trace.clone(),
    }
}

/// What passes is tried until it has passed; what is broken is parked in the end.
fn next_stage(
    settings: &Settings,
    failure: &Failure,
    attempts: u32,
    now: Time,
    chance: u128,
) -> Where {
    if !failure.passes() && attempts >= settings.attempts {
        return Where::Parked;
    }
    Where::Failed { due: now.plus(settings.wait_after(attempts, chance)) }
}

/// Lets the next of the same case go, now that the one before it is over.
fn release(
    stage: &mut Stage<'_>,
    done: &mut Delivered,
    behind: &[(u64, Delivery)],
    position: u64,
    now: Time,
) {
    let next = behind.iter().find(|(before, _)| *before == position);
    if let Some((_, next)) = next.filter(|_| !mutant::NEVER_RELEASED.is_planted()) {
        let next = Delivery { stage: Where::Waiting { due: now }, ..next.clone() };
        stage.put_aside(next.clone());
        done.aside.push(next);
    }
}

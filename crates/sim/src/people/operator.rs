//! Whoever looks after the deliveries, and whoever counts them.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::FutureExt as _;
use kernel::Actor;
use runtime::{Came, Entry, Failure, Runtime, rebuild::Difference};
use tokio::time::{sleep, timeout};

use crate::{
    dice::Dice,
    laws::{U11, U12},
    process::Process,
    witness::Line,
    world::World,
};

/// Tries again what is parked, now and then.
pub async fn looks_after(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "operator");
    while world.is_busy() {
        sleep(dice.wait(100, 4_000)).await;
        replay_what_is_parked(&world).await;
    }
}

/// Tries again what is parked.
pub async fn replay_what_is_parked(world: &World) {
    let mut dice = Dice::of(world.options.seed ^ world.traced_lines(), "letters");
    let Some(Process { life, runtime }) = world.any_process(&mut dice) else { return };
    for context in &world.system.contexts {
        let Ok(parked) = runtime.deliveries(context.name, Some("parked"), 100) else { return };
        for delivery in parked {
            let by = Actor::new("한지민", "operator");
            let replay = runtime.replay(context.name, delivery.key, by, "it may work by now");
            let all = tokio::select! {
                biased;
                () = life.over() => return,
                all = timeout(Duration::from_secs(30), replay) => all,
            };
            if matches!(all, Ok(Ok(it)) if it != Came::Nothing) {
                world.faults.saw("what was parked is tried again");
            }
        }
    }
}

/// Rebuilds a view now and then, and has the new rows shown.
pub async fn rebuilds(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "rebuilder");
    while world.is_busy() {
        sleep(dice.wait(100, 3_000)).await;
        if !world.faults.strike("a view is rebuilt") {
            continue;
        }
        let views =
            world.system.contexts.iter().flat_map(|it| it.views.iter().map(move |v| (it, v)));
        let views: Vec<_> = views.map(|(context, view)| (context.name, view.name)).collect();
        let (context, view) = *dice.pick(&views);
        let Some(Process { life, runtime }) = world.any_process(&mut dice) else { continue };
        tokio::select! {
            biased;
            () = life.over() => {}
            rebuilt = timeout(Duration::from_secs(20), rebuild(&runtime, (context, view))) => {
                if let Ok(Ok(difference)) = rebuilt {
                    world.trace(None, format!("{view} is rebuilt: {difference:?}"));
                    world.faults.saw("a view is shown as it was rebuilt");
                    if difference.changed + difference.missing + difference.extra > 0 {
                        let text = format!("{view} was rebuilt otherwise: {difference:?}");
                        world.breaks(&U11, None, text);
                    }
                }
            }
        }
    }
}

async fn rebuild(runtime: &Runtime, (context, view): (&str, &str)) -> Result<Difference, Failure> {
    // One that waits from before is as good.
    drop(runtime.start_rebuild(context, view));
    runtime.rebuilt(context, view).await?;
    runtime.switch_rebuild(context, view).await
}

/// Looks at the ledger at any time.
pub async fn audits(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "auditor");
    while world.is_busy() {
        sleep(dice.wait(1, 1_500)).await;
        audit(&world);
    }
}

/// The ledger adds up, and says what the witness has seen.
pub fn audit(world: &World) {
    for process in world.processes() {
        audit_by(world, &process);
    }
}

fn audit_by(world: &World, Process { life, runtime }: &Process) {
    world.looks(&U12);
    let entries = match runtime.ledger().now_or_never() {
        Some(Ok(entries)) => entries,
        None => return world.breaks(&U12, None, "the ledger waits for somebody"),
        Some(Err(_)) if life.is_over() || world.away.load(Ordering::Relaxed) => return,
        Some(Err(failure)) => {
            return world.breaks(&U12, None, format!("no ledger: {}", failure.story()));
        }
    };
    if life.is_over() {
        return;
    }
    let witness = world.witness.lock();
    for entry in entries {
        if !entry.adds_up() {
            world.breaks(&U12, None, format!("the ledger does not add up: {entry:?}"));
        }
        let own = |line: &&Line| line.name == *entry.subscription && line.source == entry.source;
        let Some(line) = witness.lines.iter().find(own) else {
            world.breaks(&U12, None, format!("the ledger has a line that nobody knows: {entry:?}"));
            continue;
        };
        let happened = witness.journals[line.source].iter();
        let committed = happened.filter(|it| line.events.contains(&it.name)).count() as u64;
        if !is_what_was_seen(&entry, line, committed) {
            let (done, refused, aside) = (line.done, line.refused, &line.aside);
            let seen = format!("{committed} committed, {done} done, {refused} refused, {aside:?}");
            world.breaks(&U12, None, format!("the ledger says {entry:?}, and there are {seen}"));
        }
    }
}

fn is_what_was_seen(entry: &Entry, line: &Line, committed: u64) -> bool {
    let aside = |name| line.aside.values().filter(|(_, stage)| *stage == name).count() as u64;
    let seen = (committed, line.done, line.refused, aside("failed"), aside("parked"));
    seen == (entry.committed, entry.done, entry.refused, entry.failed, entry.parked)
}

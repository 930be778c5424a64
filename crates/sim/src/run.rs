//! One run: people act and things go wrong; then all is quiet, and must settle.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use runtime::lab::Mood;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    checks,
    dice::Dice,
    options::Options,
    people, process,
    trace::Trace,
    world::{Broken, World},
};

/// By then all must have settled when nothing goes wrong any more.
const QUIET: u64 = 120;

/// What came of a run.
pub struct Outcome {
    /// What the seed expanded to.
    pub options: Options,
    /// The first invariant that does not hold.
    pub broken: Option<Broken>,
    /// What happened.
    pub trace: Trace,
    /// How often each point struck, and each rare thing happened.
    pub struck: BTreeMap<&'static str, u64>,
}

/// Runs a seed.
///
/// # Panics
///
/// When this machine has no room for a scheduler.
#[must_use]
pub fn run(seed: u64) -> Outcome {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let scheduler = builder.enable_time().start_paused(true).build().expect("a scheduler");
    scheduler.block_on(async {
        let world = World::of(Options::of(seed));
        play(&world).await;
        Outcome {
            options: world.options.clone(),
            broken: world.broken(),
            trace: world.traced(),
            struck: world.faults.struck(),
        }
    })
}

async fn play(world: &Arc<World>) {
    let end = Arc::new(Notify::new());
    let process = tokio::spawn(process::keep_up(Arc::clone(world), Arc::clone(&end)));
    let people = people::all(world);
    let others = people::others(world);
    while world.is_busy() {
        sleep(Duration::from_millis(500)).await;
    }
    world.faults.end();
    world.trace(None, "all is quiet".into());
    for other in others {
        other.abort();
        if other.await.is_err_and(|error| error.is_panic()) {
            world.breaks(None, "somebody of ours has panicked");
        }
    }
    if world.broken().is_none() {
        quiet(world, people).await;
    }
    end.notify_one();
    if process.await.is_err() {
        world.breaks(None, "the keeper of the process has panicked");
    }
    world.serves(None);
}

async fn quiet(world: &Arc<World>, people: Vec<tokio::task::JoinHandle<()>>) {
    let Some(process) = world.connected().await else {
        return world.breaks(None, "no process serves, though nothing goes wrong any more");
    };
    for (name, _) in process.runtime.lab().moods() {
        process.runtime.lab().set(name, Mood::Up);
    }
    for person in people {
        match timeout(Duration::from_mins(3), person).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => world.breaks(None, "somebody of ours has panicked"),
            Err(_) => world.breaks(None, "somebody still waits for an answer"),
        }
    }
    settle(world, false).await;
    checks::all(world);
    let mut dice = Dice::of(world.options.seed, "later");
    if dice.percent(60) && world.broken().is_none() {
        if dice.percent(50) {
            process.life.stop();
        }
        sleep(Duration::from_hours(8 * 24)).await;
        settle(world, true).await;
        checks::all(world);
    }
}

/// Waits until everything is delivered, though not for ever.
async fn settle(world: &World, later: bool) {
    for _ in 0..QUIET {
        people::replay_what_is_parked(world).await;
        if checks::is_all_delivered(world, later) || world.broken().is_some() {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
    checks::say_what_is_not_delivered(world, later);
}

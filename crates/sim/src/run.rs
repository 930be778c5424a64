//! One run: people act and things go wrong; then all is quiet, and must settle.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use runtime::lab::Mood;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    checks,
    course::POISONED,
    dice::Dice,
    laws::{P2, U7},
    options::Options,
    people,
    process::{self, Orders, Wanted},
    trace::Trace,
    world::{Broken, World},
};

/// By then, in seconds, all must have settled when nothing goes wrong any more.
const QUIET: u64 = 60;

/// What came of a run.
pub struct Outcome {
    /// What the seed expanded to.
    pub options: Options,
    /// The first law that does not hold.
    pub broken: Option<Broken>,
    /// What happened.
    pub trace: Trace,
    /// How often each point struck, each rare thing happened and each law was looked at.
    pub struck: BTreeMap<&'static str, u64>,
    /// How many seconds it took to settle.
    pub settled: u64,
}

/// Runs a seed.
///
/// # Panics
///
/// When this machine has no room for a scheduler.
#[must_use]
pub fn run(seed: u64) -> Outcome {
    run_with(Options::of(seed))
}

/// Runs these options.
///
/// # Panics
///
/// As [`run`].
#[must_use]
pub fn run_with(options: Options) -> Outcome {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let scheduler = builder.enable_time().start_paused(true).build().expect("a scheduler");
    POISONED.set(false);
    scheduler.block_on(async {
        let world = World::of(options);
        let settled = play(&world).await;
        Outcome {
            options: world.options.clone(),
            broken: world.broken(),
            trace: world.traced(),
            struck: world.faults.struck(),
            settled,
        }
    })
}

async fn play(world: &Arc<World>) -> u64 {
    let orders = Arc::new(Orders::of(Wanted::Serving));
    let replicas = usize::try_from(world.options.replicas).unwrap_or(1);
    let keepers = (0..replicas)
        .map(|it| tokio::spawn(process::keep_up(Arc::clone(world), it, Arc::clone(&orders))));
    let keepers: Vec<_> = keepers.collect();
    let people = people::all(world);
    let others = people::others(world);
    while world.is_busy() {
        sleep(Duration::from_millis(500)).await;
    }
    world.calm_down();
    world.trace(None, "all is quiet".into());
    for other in others {
        other.abort();
        if other.await.is_err_and(|error| error.is_panic()) {
            world.breaks(&P2, None, "somebody of ours has panicked");
        }
    }
    let mut settled = 0;
    if world.broken().is_none() {
        settled = quiet(world, people, &orders).await;
    }
    if world.clock.has_seen_circles() {
        world.breaks(&U7, None, "somebody turns in circles");
    }
    orders.give(Wanted::Gone);
    for keeper in keepers {
        if keeper.await.is_err() {
            world.breaks(&P2, None, "the keeper of a process has panicked");
        }
    }
    settled
}

async fn quiet(world: &Arc<World>, people: Vec<JoinHandle<()>>, orders: &Orders) -> u64 {
    let mut dice = Dice::of(world.options.seed, "later");
    if world.connected(&mut dice).await.is_none() {
        world.breaks(&P2, None, "no process serves, though nothing goes wrong any more");
        return 0;
    }
    for process in world.processes() {
        for (name, _) in process.runtime.lab().moods() {
            process.runtime.lab().set(name, Mood::Up);
        }
    }
    for person in people {
        match timeout(Duration::from_mins(3), person).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => world.breaks(&P2, None, "somebody of ours has panicked"),
            Err(_) => world.breaks(&U7, None, "somebody still waits for an answer"),
        }
    }
    let settled = settle(world, false).await;
    checks::all(world);
    if !dice.percent(60) || world.broken().is_some() {
        return settled;
    }
    // Several processes look at each other all the time: they had better sleep.
    let closed = world.options.replicas > 1 || dice.percent(50);
    if closed {
        orders.give(Wanted::Closed);
    }
    sleep(Duration::from_hours(8 * 24)).await;
    orders.give(Wanted::Serving);
    settle(world, true).await;
    checks::all(world);
    people::pay_late(world, &mut dice).await;
    settle(world, true).await;
    checks::all(world);
    settled
}

/// Waits until everything is delivered, though not for ever; how many seconds that took.
async fn settle(world: &World, later: bool) -> u64 {
    world.looks(&U7);
    for second in 0..QUIET {
        people::replay_what_is_parked(world).await;
        if checks::is_all_delivered(world, later) || world.broken().is_some() {
            return second;
        }
        sleep(Duration::from_secs(1)).await;
    }
    checks::say_what_is_not_delivered(world, later);
    QUIET
}

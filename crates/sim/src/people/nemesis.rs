//! Whoever makes things go wrong from outside: ends, moods, the clock.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use runtime::lab::Mood;
use tokio::time::sleep;

use crate::{
    course::POISONED,
    dice::Dice,
    process::Process,
    world::{PROVIDER, World},
};

/// Ends the process at any time, and sets the clock.
pub async fn ends(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "ends");
    while world.is_busy() {
        sleep(dice.wait(50, 3_000)).await;
        let by = i64::try_from(dice.between(1_000, 2 * 60 * 60 * 1_000)).unwrap_or(0);
        for (point, by) in [("the clock goes forward", by), ("the clock goes back", -by)] {
            if world.faults.strike(point) {
                world.trace(None, format!("{point}: {by} ms"));
                world.clock.jump(by);
            }
        }
        let Some(process) = world.any_process(&mut dice) else { continue };
        process.life.ends(&world, "crash at any time");
        if !process.life.is_over() && world.faults.strike("orderly restart") {
            process.life.stop();
        }
        if world.faults.strike("a process is frozen") {
            let by = dice.wait(1_000, 30_000);
            world.trace(None, format!("process {} is frozen for {by:?}", process.life));
            process.life.freeze(by);
            if by > world.options.settings().lease {
                world.faults.saw("a process is frozen for longer than its leases");
            }
        }
    }
}

/// Makes contexts feel unwell for a while.
pub async fn contexts(world: Arc<World>, purpose: &str) {
    let mut dice = Dice::of(world.options.seed, purpose);
    while world.is_busy() {
        sleep(dice.wait(50, 2_000)).await;
        let name = dice.pick(&world.system.contexts).name;
        let mood = if world.faults.strike("a context is down") {
            Mood::Down
        } else if world.faults.strike("a context is slow") {
            Mood::Slow(dice.wait(1, 1_200))
        } else if world.faults.strike("a context fails now and then") {
            Mood::Failing(u32::try_from(dice.between(10, 100)).unwrap_or(100))
        } else {
            continue;
        };
        feels(&world, &mut dice, name, mood).await;
    }
}

/// Makes the provider feel unwell for a while.
pub async fn provider(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "moods of the provider");
    while world.is_busy() {
        sleep(dice.wait(50, 2_000)).await;
        let mood = if world.faults.strike("the provider is down") {
            Mood::Down
        } else if world.faults.strike("the provider is slow") {
            Mood::Slow(dice.wait(1, 2_000))
        } else if world.faults.strike("the provider fails now and then") {
            Mood::Failing(u32::try_from(dice.between(10, 100)).unwrap_or(100))
        } else if world.faults.strike("the provider's answers are lost") {
            Mood::Unknown
        } else {
            continue;
        };
        feels(&world, &mut dice, PROVIDER, mood).await;
    }
}

/// Takes the database away, its room, or the wits of the code, for a while.
pub async fn database(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "moods of the database");
    while world.is_busy() {
        sleep(dice.wait(50, 2_000)).await;
        let lasts = dice.wait(100, *dice.clone().pick(&[500, 3_000, 15_000]));
        for (point, what) in [
            ("the disk is full for a while", Some(&world.full)),
            ("the database is away for a while", Some(&world.away)),
            ("the code panics for a while", None),
        ] {
            if !world.faults.strike(point) {
                continue;
            }
            world.trace(None, format!("{point}: {lasts:?}"));
            let set = |is| match what {
                Some(what) => what.store(is, Ordering::Relaxed),
                None => POISONED.set(is),
            };
            set(true);
            sleep(lasts).await;
            set(false);
            world.trace(None, format!("no longer: {point}"));
        }
    }
}

/// For everybody, or only as one of the processes sees it.
async fn feels(world: &World, dice: &mut Dice, name: &str, mood: Mood) {
    let one = world.any_process(dice);
    let only_there = dice.percent(50);
    let concerned = |it: &Process| {
        !only_there || one.as_ref().is_some_and(|one| Arc::ptr_eq(&one.life, &it.life))
    };
    world.trace(None, format!("{name} is {mood}"));
    for process in world.processes().iter().filter(|it| concerned(it)) {
        process.runtime.lab().set(name, mood.clone());
    }
    sleep(dice.wait(100, *dice.clone().pick(&[500, 3_000, 15_000]))).await;
    for process in world.processes() {
        process.runtime.lab().set(name, Mood::Up);
    }
    world.trace(None, format!("{name} is up"));
    sleep(Duration::from_millis(1)).await;
}

//! Whoever makes things go wrong from outside: ends, moods, the clock.

use std::{sync::Arc, time::Duration};

use runtime::lab::Mood;
use tokio::time::sleep;

use crate::{
    dice::Dice,
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
        let Some(process) = world.process() else { continue };
        process.life.ends(&world, "crash at any time");
        if !process.life.is_over() && world.faults.strike("orderly restart") {
            process.life.stop();
        }
    }
}

/// Makes contexts feel unwell for a while.
pub async fn contexts(world: Arc<World>) {
    let mut dice = Dice::of(world.options.seed, "moods of contexts");
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

async fn feels(world: &World, dice: &mut Dice, name: &str, mood: Mood) {
    let Some(process) = world.process() else { return };
    world.trace(None, format!("{name} is {mood}"));
    process.runtime.lab().set(name, mood);
    sleep(dice.wait(100, *dice.clone().pick(&[500, 3_000, 15_000]))).await;
    if let Some(process) = world.process() {
        process.runtime.lab().set(name, Mood::Up);
        world.trace(None, format!("{name} is up"));
    }
    sleep(Duration::from_millis(1)).await;
}

//! The process: started, ended, and started again over the same databases.

use std::{sync::Arc, time::Duration};

use rehearsal::Seeded;
use runtime::{Ground, Running, Runtime, Writing, store::Store};
use tokio::{sync::Notify, time::sleep};

use crate::{dice::Dice, life::Life, provider::Provider, store::Watched, world::World};

/// A process that serves.
#[derive(Clone)]
pub struct Process {
    /// Its life.
    pub life: Arc<Life>,
    /// The business.
    pub runtime: Runtime,
}

/// Starts the process, and again whenever it has ended, until it is told to end for good.
pub async fn keep_up(world: Arc<World>, end: Arc<Notify>) {
    let mut dice = Dice::of(world.options.seed, "process");
    for number in 1.. {
        let life = Life::of(number);
        match start(&world, &life) {
            Ok(running) => {
                world.trace(None, format!("process {number} serves"));
                let runtime = running.runtime.clone();
                world.serves(Some(Process { life: Arc::clone(&life), runtime }));
                let for_good = live(&world, running, &life, &end, &mut dice).await;
                world.serves(None);
                if for_good {
                    return;
                }
            }
            Err(failure) if life.is_over() || world.faults.are_on() => {
                world.trace(None, format!("process {number} did not start: {}", failure.story()));
            }
            Err(failure) => world.breaks(None, format!("it cannot start: {}", failure.story())),
        }
        sleep(dice.wait(0, 2_000)).await;
    }
}

fn start(world: &Arc<World>, life: &Arc<Life>) -> Result<Running, runtime::Failure> {
    let stores = world.databases.iter().map(|(store, contexts)| {
        let watched = Watched::over(Arc::clone(store), world, life);
        (Arc::new(watched) as Arc<dyn Store>, contexts.clone())
    });
    // A new life has chance of its own: never the same numbers again.
    let chance = Dice::of(world.options.seed, &format!("life {}", life.number)).bits();
    let running = Runtime::start(
        world.options.business.system(),
        Ground {
            stores: stores.collect(),
            clock: Arc::clone(&world.clock) as _,
            chance: Arc::new(Seeded::new(chance)),
            outside: vec![Arc::new(Provider::of(world, life))],
            settings: world.options.settings(),
            writing: Writing::AsTasks,
            owner: format!("process {}", life.number).into(),
            elsewhere: None,
            bus: None,
        },
    )?;
    life.serves();
    Ok(running)
}

/// One life; true when it was the last.
async fn live(
    world: &Arc<World>,
    running: Running,
    life: &Life,
    end: &Notify,
    dice: &mut Dice,
) -> bool {
    let mut broken = running.runtime.broken();
    tokio::select! {
        biased;
        () = end.notified() => {
            life.is_now_over();
            kill(world, running).await;
            return true;
        }
        () = life.over_or_stopping() => {}
        _ = broken.changed() => {
            // What the program does when only a restart can tell.
            sleep(dice.wait(0, 1_500)).await;
            world.trace(None, format!("process {} ends: its database is broken", life.number));
            life.is_now_over();
        }
    }
    if life.is_over() {
        kill(world, running).await;
    } else {
        world.serves(None);
        let all = tokio::time::timeout(Duration::from_mins(2), running.stop());
        if all.await.is_err() {
            world.breaks(None, "an orderly end took more than two minutes");
        }
        life.is_now_over();
        world.trace(None, format!("process {} has ended in good order", life.number));
    }
    false
}

async fn kill(world: &World, running: Running) {
    if !running.kill().await {
        world.breaks(None, "a reader or a writer has panicked");
    }
}

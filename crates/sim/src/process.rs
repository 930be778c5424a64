//! A process: started, ended, and started again over the same databases.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use runtime::{Failure, Ground, Running, Runtime, Writing, store::Store};
use tokio::{sync::Notify, time::sleep};

use crate::{
    chance::OfLife, dice::Dice, laws::P2, life::Life, provider::Provider, store::Watched,
    world::World,
};

/// A process that serves.
#[derive(Clone)]
pub struct Process {
    /// Its life.
    pub life: Arc<Life>,
    /// The business.
    pub runtime: Runtime,
}

/// What is wanted of the processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To serve, and to start again after an end.
    Serving,
    /// To end in good order, and to stay so for the present.
    Closed,
    /// To end for good.
    Gone,
}

/// Tells every process what is wanted, in order.
pub struct Orders {
    wanted: Mutex<Wanted>,
    bell: Notify,
}

impl Orders {
    /// This is wanted.
    #[must_use]
    pub fn of(wanted: Wanted) -> Self {
        Self { wanted: Mutex::new(wanted), bell: Notify::new() }
    }

    /// From now on this is wanted.
    pub fn give(&self, wanted: Wanted) {
        *self.wanted.lock() = wanted;
        self.bell.notify_waiters();
    }

    /// Waits until something else is wanted; what.
    async fn other_than(&self, unwanted: Wanted) -> Wanted {
        loop {
            let mut rings = std::pin::pin!(self.bell.notified());
            rings.as_mut().enable();
            let wanted = *self.wanted.lock();
            if wanted != unwanted {
                return wanted;
            }
            rings.await;
        }
    }
}

/// Starts a process, and again whenever it has ended, as long as that is wanted.
pub async fn keep_up(world: Arc<World>, replica: usize, orders: Arc<Orders>) {
    let mut dice = Dice::of(world.options.seed, &format!("process {replica}"));
    for number in 1.. {
        if orders.other_than(Wanted::Closed).await == Wanted::Gone {
            return;
        }
        let life = Life::of(replica, number);
        world.looks(&P2);
        match guarded_start(&world, &life) {
            Ok(running) => {
                world.trace(None, format!("process {life} serves"));
                let runtime = running.runtime.clone();
                world.serves(replica, Some(Process { life: Arc::clone(&life), runtime }));
                live(&world, running, &life, &orders, &mut dice).await;
                world.serves(replica, None);
            }
            Err(failure) if life.is_over() || world.faults.are_on() => {
                world.trace(None, format!("process {life} did not start: {}", failure.story()));
            }
            Err(failure) => {
                world.breaks(&P2, None, format!("it cannot start: {}", failure.story()));
            }
        }
        sleep(dice.wait(0, 2_000)).await;
    }
}

/// A panic while starting is the end of a process as any other.
fn guarded_start(world: &Arc<World>, life: &Arc<Life>) -> Result<Running, Failure> {
    let started = catch_unwind(AssertUnwindSafe(|| start(world, life)));
    let panicked = |_| Err(Failure::fault("it panicked"));
    started.unwrap_or_else(panicked).inspect_err(|_| life.is_now_over())
}

fn start(world: &Arc<World>, life: &Arc<Life>) -> Result<Running, Failure> {
    let stores = world.databases.iter().map(|(store, contexts)| {
        let watched = Watched::over(Arc::clone(store), world, life);
        (Arc::new(watched) as Arc<dyn Store>, contexts.clone())
    });
    let running = Runtime::start(
        world.business(),
        Ground {
            stores: stores.collect(),
            clock: Arc::clone(&world.clock) as _,
            chance: Arc::new(OfLife::of(world, life)),
            outside: vec![Arc::new(Provider::of(world, life))],
            settings: world.options.settings(),
            writing: Writing::AsTasks,
            owner: format!("process {life}").into(),
            elsewhere: None,
            bus: None,
        },
    )?;
    life.serves();
    Ok(running)
}

async fn live(world: &Arc<World>, running: Running, life: &Life, orders: &Orders, dice: &mut Dice) {
    let mut broken = running.runtime.broken();
    tokio::select! {
        biased;
        wanted = orders.other_than(Wanted::Serving) => match wanted {
            Wanted::Closed => life.stop(),
            Wanted::Serving | Wanted::Gone => life.is_now_over(),
        },
        () = life.over_or_stopping() => {}
        _ = broken.changed() => {
            // What the program does when only a restart can tell.
            sleep(dice.wait(0, 1_500)).await;
            world.trace(None, format!("process {life} ends: its database is broken"));
            life.is_now_over();
        }
    }
    if life.is_over() {
        if !running.kill().await {
            world.breaks(&P2, None, "a reader or a writer has panicked");
        }
        return;
    }
    world.serves(life.replica, None);
    // On a task of its own: it may panic, too, or be over before its end.
    let stop = tokio::spawn(running.stop());
    let all = tokio::select! {
        biased;
        () = life.over() => Ok(Ok(())),
        all = tokio::time::timeout(Duration::from_mins(2), stop) => all,
    };
    match all {
        _ if life.is_over() => {}
        Ok(Ok(())) => world.trace(None, format!("process {life} has ended in good order")),
        Ok(Err(_)) => world.trace(None, format!("process {life} panicked at its end")),
        Err(_) => world.breaks(&P2, None, "an orderly end took more than two minutes"),
    }
    life.is_now_over();
}

//! People, who act at random and also absurdly.

mod client;
mod course;
mod nemesis;
mod operator;
mod repair;
mod reply;

use std::sync::Arc;

use serde_json::Value;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{dice::Dice, laws::P2, options::Business, world::World};
use client::{To, Wish};

pub use operator::{audit, replay_what_is_parked};
pub use reply::Given;

/// Everybody sets to work.
pub fn all(world: &Arc<World>) -> Vec<JoinHandle<()>> {
    let (one, other, third): (Wants, Wants, Wants) = match world.options.business {
        Business::Repair => (repair::customer, repair::engineer, repair::keeper),
        Business::Course => (course::clerk, course::clerk, course::banker),
    };
    let (customers, engineers) = (world.options.customers, world.options.engineers);
    let ones = (0..customers).map(|number| (format!("고객{number}"), one));
    let others = (0..engineers).map(|number| (format!("엔지니어{number}"), other));
    let all = ones.chain(others).chain([("권나래".into(), third)]);
    all.map(|(name, wants)| tokio::spawn(acts(Arc::clone(world), name, wants))).collect()
}

/// Whoever makes things go wrong, and whoever looks after them.
pub fn others(world: &Arc<World>) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(nemesis::ends(Arc::clone(world))),
        tokio::spawn(nemesis::contexts(Arc::clone(world), "moods of contexts")),
        tokio::spawn(nemesis::contexts(Arc::clone(world), "more moods of contexts")),
        tokio::spawn(nemesis::database(Arc::clone(world))),
        tokio::spawn(nemesis::provider(Arc::clone(world))),
        tokio::spawn(operator::looks_after(Arc::clone(world))),
        tokio::spawn(operator::rebuilds(Arc::clone(world))),
        tokio::spawn(operator::audits(Arc::clone(world))),
    ]
}

/// After a week and a day somebody pays after all.
pub async fn pay_late(world: &Arc<World>, dice: &mut Dice) {
    if world.options.business != Business::Repair {
        return;
    }
    let requests = world.witness.lock().count("request");
    for number in 1..=requests {
        if dice.percent(70) {
            client::want(world, dice, &repair::late(number)).await;
        }
    }
}

/// What one person wants next; several things are wanted at once.
type Wants = fn(&World, &mut Dice, &str) -> Vec<Wish>;

async fn acts(world: Arc<World>, name: String, wants: Wants) {
    let mut dice = Dice::of(world.options.seed, &name);
    while world.is_busy() {
        sleep(dice.wait(0, world.options.pause)).await;
        let mut all = JoinSet::new();
        for (number, mut wish) in wants(&world, &mut dice, &name).into_iter().enumerate() {
            wish.patience = *dice.pick(&[0, 50, 2_000]);
            let own = Dice::of(dice.bits(), &number.to_string());
            all.spawn(insists(Arc::clone(&world), own, wish));
        }
        while let Some(one) = all.join_next().await {
            if one.is_err() {
                world.breaks(&P2, None, "somebody of ours has panicked");
            }
        }
    }
}

async fn insists(world: Arc<World>, mut dice: Dice, wish: Wish) {
    client::want(&world, &mut dice, &wish).await;
    if dice.percent(8) {
        client::want(&world, &mut dice, &wish).await; // and once more, just so
    }
}

fn wish(role: &'static str, name: &str, command: &'static str, to: To, body: Value) -> Wish {
    Wish { role, name: name.to_owned(), command, to, body, patience: 0 }
}

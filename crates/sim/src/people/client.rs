//! Somebody who wants something, and asks until the answer is known or the
//! patience at its end.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use kernel::{Actor, Key};
use runtime::{Failure, IdempotencyKey, Order, Runtime, Target};
use serde_json::Value;
use tokio::time::sleep;

use super::reply::{Next, Reply};
use crate::{
    dice::Dice,
    laws::{P2, U4, U7},
    world::World,
};

/// Something that somebody wants.
#[derive(Debug, Clone)]
pub struct Wish {
    /// In which role.
    pub role: &'static str,
    /// Who.
    pub name: String,
    /// The command.
    pub command: &'static str,
    /// For whom.
    pub to: To,
    /// The particulars.
    pub body: Value,
    /// How long to wait until the case settles, in milliseconds.
    pub patience: u64,
}

/// Whom a command is for.
#[derive(Debug, Clone)]
pub enum To {
    /// A new one.
    New,
    /// The one of this number.
    Number(u64),
    /// The one of this name.
    Name(String),
}

/// Asks until the answer is known, or not so long.
pub async fn want(world: &World, dice: &mut Dice, wish: &Wish) {
    let scope = u128::from(dice.bits()) << 64 | u128::from(dice.bits());
    let body =
        u128::from(Dice::of(7, &format!("{}{:?}{}", wish.command, wish.to, wish.body)).bits());
    let key = dice.percent(85).then_some(IdempotencyKey { scope, body });
    let mut doubt = false;
    for _ in 0..40 {
        let reply = ask(world, dice, wish, key).await;
        match world.judges(wish, key, &reply, doubt) {
            Next::Over if key.is_some() && is_told(&reply) => {
                if world.faults.strike("a key used for something else") {
                    misuse(world, dice, wish, key).await;
                }
                if !world.faults.strike("an answer is lost") {
                    return;
                }
                doubt = true;
            }
            Next::Over => return,
            Next::Doubt if key.is_none() => return, // nobody may ask again
            Next::Doubt => doubt = true,
            Next::Again => {}
        }
        if world.broken().is_some() || world.faults.strike("somebody gives up") {
            return;
        }
        sleep(dice.wait(20, 1_500)).await;
    }
}

fn is_told(reply: &Reply) -> bool {
    matches!(reply, Reply::Told(_))
}

async fn ask(world: &World, dice: &mut Dice, wish: &Wish, key: Option<IdempotencyKey>) -> Reply {
    if key.is_none() || !world.faults.strike("the same command twice at once") {
        return once(world, dice, wish, key).await;
    }
    let mut other = dice.clone();
    dice.bits();
    let both = tokio::join!(once(world, dice, wish, key), once(world, &mut other, wish, key));
    let busy = |reply: &Reply| matches!(reply, Reply::Failed(Failure::KeyBusy));
    if busy(&both.0) || busy(&both.1) {
        world.faults.saw("told that the key is at work");
    }
    match both {
        (Reply::Told(one), Reply::Told(two)) => {
            if one.of != two.of || (!one.again && !two.again) {
                let (one, two) = (one.of.number, two.of.number);
                let text = format!("{} was done twice: {one} {two}", wish.command);
                world.breaks(&U4, None, text);
            }
            Reply::Told(one)
        }
        (told @ Reply::Told(_), _) | (_, told @ Reply::Told(_)) => told,
        // What the other has come to is not known here.
        _ => Reply::Nothing,
    }
}

/// One attempt.
async fn once(world: &World, dice: &mut Dice, wish: &Wish, key: Option<IdempotencyKey>) -> Reply {
    let Some(process) = world.connected(dice).await else { return Reply::Nothing };
    let Some(order) = order(&process.runtime, wish, (key, dice.bits())) else {
        world.breaks(&P2, None, format!("nobody takes {wish:?}"));
        return Reply::Nothing;
    };
    let mut told = pin!(guarded(process.runtime.tell(order)));
    let mut answer = None;
    poll_fn(|context| {
        if let Poll::Ready(ready) = told.as_mut().poll(context) {
            answer = Some(ready);
        }
        Poll::Ready(())
    })
    .await;
    let began_before_its_end = !process.life.is_stopping();
    if answer.is_none() && process.life.ends(world, "crash when a command was handed over") {
        return Reply::Nothing;
    }
    if answer.is_none() {
        let leaves = world.faults.strike("somebody does not wait for the answer");
        let wait = if leaves { dice.wait(0, 300) } else { Duration::from_mins(10) };
        answer = tokio::select! {
            biased;
            () = process.life.over() => None,
            told = told => Some(told),
            () = sleep(wait) => {
                if !leaves {
                    world.breaks(&U7, None, format!("{} is never answered", wish.command));
                }
                None
            }
        };
    }
    while let Some(frozen) = process.life.frozen().filter(|_| !process.life.is_over()) {
        sleep(frozen).await; // it cannot say what it knows
    }
    if process.life.is_over() || process.life.ends(world, "crash before the answer") {
        return Reply::Nothing;
    }
    if began_before_its_end && process.life.is_stopping() && answer.is_some() {
        world.faults.saw("answered while the process ends in good order");
    }
    match answer {
        Some(Some(Ok(told))) => Reply::Told(told),
        Some(Some(Err(failure))) => Reply::Failed(failure),
        Some(None) | None => Reply::Nothing,
    }
}

/// What the edge does: a panic is nobody's answer.
async fn guarded<T>(wait: impl Future<Output = T>) -> Option<T> {
    let mut wait = pin!(wait);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| wait.as_mut().poll(context))) {
        Ok(Poll::Ready(done)) => Poll::Ready(Some(done)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// The same key for something else must be noticed.
async fn misuse(world: &World, dice: &mut Dice, wish: &Wish, key: Option<IdempotencyKey>) {
    let other = key.map(|key| IdempotencyKey { body: key.body ^ 1, ..key });
    match once(world, dice, wish, other).await {
        Reply::Failed(Failure::KeyReused) => {
            world.faults.saw("told that the key was used for something else");
        }
        Reply::Told(_) | Reply::Failed(Failure::Refused(_)) => {
            world.breaks(&U4, None, format!("a key was used again for another {}", wish.command));
        }
        _ => {}
    }
}

fn order(
    runtime: &Runtime,
    wish: &Wish,
    (key, trace): (Option<IdempotencyKey>, u64),
) -> Option<Order> {
    let mut contexts = runtime.system().contexts.iter();
    let (context, rule) = contexts.find_map(|it| it.rule(wish.command).map(|r| (it, r.1)))?;
    Some(Order {
        context: context.name,
        name: rule.command.name,
        to: match &wish.to {
            To::New => Target::New,
            To::Number(number) => Target::This(Key::Number(*number)),
            To::Name(name) => Target::ThisOrNew(Key::Name(name.clone())),
        },
        command: rule.read(wish.body.to_string().as_bytes()).ok()?,
        by: Actor::new(wish.name.as_str(), wish.role),
        key,
        trace: Some(format!("00-{trace:032x}-{trace:016x}-01").into()),
        see_through: Duration::from_millis(wish.patience),
    })
}

//! The people of the obstacle course.

use serde_json::json;

use super::{
    client::{To, Wish},
    wish,
};
use crate::{dice::Dice, world::World};

/// Begins, and adds.
pub fn clerk(world: &World, dice: &mut Dice, name: &str) -> Vec<Wish> {
    let witness = world.witness.lock();
    let (counts, all) = (witness.count("count"), witness.journals["counter"].len() as u64);
    let body = json!({ "amount": dice.between(1, 12) });
    match dice.below(100) {
        _ if all > world.options.cases * 20 => Vec::new(),
        0..15 if counts < world.options.cases => vec![wish("clerk", name, "Begin", To::New, body)],
        15..80 => {
            let any = To::Number(dice.between(1, counts + 1));
            let add = wish("clerk", name, "Add", any, body);
            vec![add; usize::try_from(dice.between(1, 3)).unwrap_or(1)]
        }
        80..90 => {
            let pages = witness.count("page").min(2);
            let peek = |number| wish("clerk", name, "Peek", To::Number(number), json!({}));
            (0..3 * pages).map(|it| peek(1 + it % 2)).collect()
        }
        _ => Vec::new(),
    }
}

/// Puts something aside, at the beginning.
pub fn banker(world: &World, dice: &mut Dice, name: &str) -> Vec<Wish> {
    let body = json!({ "amount": dice.between(1, 9) });
    let few = world.witness.lock().count("safe") < 5;
    let deposit = few.then(|| wish("clerk", name, "Deposit", To::New, body));
    deposit.into_iter().collect()
}

//! The people of the repair centre.

use serde_json::json;

use super::{
    client::{To, Wish},
    wish,
};
use crate::{dice::Dice, world::World};

/// Asks for repairs, changes their mind, and pays.
pub fn customer(world: &World, dice: &mut Dice, name: &str) -> Vec<Wish> {
    let requests = world.witness.lock().count("request");
    let any = To::Number(dice.between(1, requests + 1));
    match dice.below(100) {
        0..40 if requests < world.options.cases => {
            let product = dice.between(1, world.options.products).to_string();
            let body = json!({ "symptom": "소음", "productId": product, "customerName": name });
            vec![wish("customer", name, "RequestService", To::New, body)]
        }
        40..48 => vec![wish("customer", name, "CancelService", any, json!({}))],
        48..58 => vec![wish("customer", name, "RetryPayment", any, json!({}))],
        _ => Vec::new(),
    }
}

/// Accepts and completes, sometimes everything at once.
pub fn engineer(world: &World, dice: &mut Dice, name: &str) -> Vec<Wish> {
    let requests = world.witness.lock().count("request");
    let any = To::Number(dice.between(1, requests + 1));
    match dice.below(100) {
        0..35 => vec![wish("engineer", name, "AcceptJob", any, json!({}))],
        35..75 => vec![wish("engineer", name, "CompleteRepair", any, json!({}))],
        75..78 => vec![wish("engineer", name, "RetryPayment", any, json!({}))],
        78..90 => rush(dice, name, requests),
        _ => Vec::new(),
    }
}

/// Everybody wants everything in the same moment.
fn rush(dice: &mut Dice, name: &str, requests: u64) -> Vec<Wish> {
    let mut all = Vec::new();
    for number in 1..=requests.min(6) {
        let one = || To::Number(number);
        all.push(wish("engineer", name, "AcceptJob", one(), json!({})));
        if dice.percent(20) {
            all.push(wish("customer", name, "CancelService", one(), json!({})));
        }
        if dice.percent(20) {
            all.push(wish("engineer", name, "CompleteRepair", one(), json!({})));
        }
    }
    all
}

/// Receives parts in small lots.
pub fn keeper(world: &World, dice: &mut Dice, name: &str) -> Vec<Wish> {
    let product = dice.between(1, world.options.products).to_string();
    let price = if dice.percent(world.options.free) { 0 } else { dice.between(1, 90) * 100 };
    let stock = dice.between(0, world.options.lot);
    let body = json!({ "relatedProductId": product, "stock": stock, "unitPrice": price });
    let witness = world.witness.lock();
    let received = witness.journals["stock"].iter().filter(|it| it.name == "PartsReceived");
    if dice.percent(60) || received.count() as u64 >= world.options.lots {
        return Vec::new();
    }
    vec![wish("parts_keeper", name, "ReceiveParts", To::Name(product), body)]
}

/// Pays what was given up.
pub fn late(number: u64) -> Wish {
    wish("customer", "고객0", "RetryPayment", To::Number(number), json!({}))
}

//! What the provider has charged is what was paid, once each and to the won.

use std::collections::BTreeSet;

use serde_json::{Value, from_slice};

use super::Wrong;
use crate::{
    laws::{U6, U8, U10},
    world::World,
};

/// Every attempt to pay has one charge under one key; every payment one that succeeded.
pub fn adds_up(world: &World) -> Result<(), Wrong> {
    let witness = world.witness.lock();
    let record = world.record.lock();
    let mut keys = BTreeSet::new();
    for event in &witness.journals["payment"] {
        let body: Value = from_slice(&event.body).unwrap_or_default();
        let wrong =
            |law, what: &str| Err((law, Some(event.case), format!("{}: {what}", event.name)));
        match event.name {
            "PaymentAsked" => {
                let key = format!("payment/payment/{}", event.position);
                let Some(charge) = record.charges.get(&key) else {
                    return wrong(&U10, "was never charged");
                };
                if (body["orderId"].as_str(), body["amount"].as_u64())
                    != (Some(charge.order.as_str()), Some(charge.amount))
                {
                    return wrong(&U10, "another order or amount was charged");
                }
                keys.insert(key);
            }
            "Paid" if !body["paymentKey"].is_null() => {
                let because = event.cause.event.map_or(0, |(_, position)| position);
                let charge = record.charges.get(&format!("payment/payment/{because}"));
                let captured = charge.filter(|it| it.captured);
                if captured.map(|it| it.amount) != body["price"].as_u64() {
                    return wrong(&U8, "this much was never captured");
                }
            }
            "Paid" if body["price"] != 0 => return wrong(&U8, "was paid without a charge"),
            _ => {}
        }
    }
    if let Some(key) = record.charges.keys().find(|key| !keys.contains(*key)) {
        return Err((&U6, None, format!("{key} was charged, and nobody had asked for it")));
    }
    let captured = record.charges.values().filter(|it| it.captured);
    let captured: (usize, u64) =
        captured.fold((0, 0), |(count, sum), it| (count + 1, sum + it.amount));
    let paid = witness.journals["payment"].iter().filter(|event| event.name == "Paid");
    let paid = paid.map(|it| from_slice::<Value>(&it.body).unwrap_or_default());
    let paid = paid.filter(|it| !it["paymentKey"].is_null());
    let paid =
        paid.fold((0, 0), |(count, sum), it| (count + 1, sum + it["price"].as_u64().unwrap_or(0)));
    if captured != paid {
        return Err((&U8, None, format!("captured {captured:?}, and paid {paid:?}")));
    }
    Ok(())
}

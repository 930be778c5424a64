//! Parts: what came in is there, held or built in, and never less than nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    history::Deed,
    records::{Record, Records},
    report::{Finding, count},
    rows::{Rows, Shown},
    wish::Wish,
};

/// One kind of part, reckoned step by step.
#[derive(Debug, Default)]
struct Shelf {
    free: i64,
    held: BTreeSet<u64>,
}

/// On hand is what was received less what was used up, and held is what is accepted and not
/// finished: by what was said, and by what the service list shows.
pub fn stock(deeds: &[Deed], shown: &Shown) -> Finding {
    let mut received = BTreeMap::<&str, u64>::new();
    for deed in deeds {
        if let (Wish::Receive { product, parts, .. }, Some(_)) = (&deed.wish, deed.ok()) {
            *received.entry(product).or_default() += parts;
        }
    }
    let mut wrong = Vec::new();
    for (product, received) in &received {
        let with = |status: &str| {
            let jobs = shown.services.values().filter(|it| it["productId"] == **product);
            jobs.filter(|it| it["status"] == status).count() as u64
        };
        let (used, held) = (with("PAID") + with("REPAIRED"), with("ACCEPTED"));
        let expected = (Some(received - used), Some(held), Some(received - used - held));
        let found = shown.stocks.values().find(|it| it["relatedProductId"] == **product);
        let figure = |name| found.and_then(|it| it[name].as_u64());
        let found = (figure("stock"), figure("reserved"), figure("available"));
        if found != expected {
            wrong.push(format!("{product}: {found:?} and not {expected:?}"));
        }
    }
    let figure = format!("{} received", count(received.values().sum::<u64>()));
    Finding::each("stock = received - used, reserved = accepted", received.len(), wrong)
        .with(figure)
        .rule("U9")
}

/// At no moment was a part there twice or less than not at all, and the list shows the last one.
pub fn shelves(records: &Records, stocks: &Rows) -> Finding {
    let mut shelves = BTreeMap::<u64, Shelf>::new();
    let mut wrong = Vec::new();
    let journal = records.journals.get("stock").map(Vec::as_slice).unwrap_or_default();
    for record in journal {
        let shelf = shelves.entry(record.of.1).or_default();
        if !shelf.take(record) || shelf.free < 0 {
            wrong.push(format!("at {}: {} {:?}", record.position, record.event, record.name));
        }
    }
    for (id, Shelf { free, held }) in &shelves {
        let row = stocks.get(id).cloned().unwrap_or_default();
        let held = i64::try_from(held.len()).unwrap_or(i64::MAX);
        let is_shown = |name: &str, number: i64| row[name] == number;
        if !(is_shown("reserved", held) && is_shown("available", *free)) {
            wrong.push(format!("part {id}: {free} free and {held} held, but it shows {row}"));
        }
    }
    Finding::each("stock is never below 0 at any moment", journal.len(), wrong).rule("U9")
}

impl Shelf {
    /// Whether it could happen.
    fn take(&mut self, record: &Record) -> bool {
        let request = || record.body["request"].as_u64().unwrap_or_default();
        match record.event.as_str() {
            "PartsReceived" => {
                self.free += record.body["stock"].as_i64().unwrap_or_default();
                true
            }
            "PartsReserved" => {
                self.free -= 1;
                self.held.insert(request())
            }
            "PartsConsumed" => self.held.remove(&request()),
            "PartsReleased" => {
                self.free += 1;
                self.held.remove(&request())
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_last_part_is_held_once() {
        let mut shelf = Shelf::default();
        assert!(shelf.take(&event("PartsReceived", json!({ "stock": 1 }))));
        assert!(shelf.take(&event("PartsReserved", json!({ "request": 1 }))));
        assert!(!shelf.take(&event("PartsReserved", json!({ "request": 1 }))), "held already");
        assert!(!shelf.take(&event("PartsConsumed", json!({ "request": 2 }))), "not held");
        assert_eq!(shelf.free, -1);
    }

    fn event(name: &str, body: Value) -> Record {
        Record {
            position: 1,
            event: name.into(),
            of: ("part".into(), 1),
            name: Some("1".into()),
            version: 1,
            previous: 0,
            case: ("part".into(), 1),
            command: "ReceiveParts".into(),
            cause: None,
            body,
        }
    }
}

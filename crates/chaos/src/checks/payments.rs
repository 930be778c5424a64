//! Money: every paid repair was charged once, by the provider's own record, and no other.

use std::collections::BTreeMap;

use crate::{
    records::{Charge, Records},
    report::{Finding, count},
    rows::{Shown, status},
};

/// Exactly one captured charge for every paid request, of its price; none for the others.
pub fn payments(records: &Records, shown: &Shown) -> Finding {
    let mut captured = BTreeMap::<u64, Vec<&Charge>>::new();
    let mut wrong = Vec::new();
    for charge in records.charges.iter().filter(|it| it.captured) {
        match request(&charge.order) {
            Some(id) => captured.entry(id).or_default().push(charge),
            None => wrong.push(format!("nobody knows the order {}", charge.order)),
        }
    }
    let paid: Vec<_> =
        shown.services.keys().filter(|id| status(&shown.services, **id) == "PAID").collect();
    for id in &paid {
        let price = shown.services[*id]["price"].as_u64();
        let charges = captured.remove(*id).unwrap_or_default();
        let [charge] = charges[..] else {
            wrong.push(format!("request {id} is PAID and was charged {} times", charges.len()));
            continue;
        };
        let shown = shown.pays.get(*id).and_then(|it| it["price"].as_u64());
        if Some(charge.amount) != price || shown != price {
            wrong.push(format!("request {id}: {charge:?}, its price is {price:?}"));
        }
    }
    for (id, charges) in captured {
        let keys: Vec<_> = charges.iter().map(|it| it.key.as_str()).collect();
        wrong.push(format!("request {id} is not PAID and was charged under {}", keys.join(", ")));
    }
    let figure = format!("{} paid", count(paid.len()));
    Finding::each("one captured charge for each PAID request", paid.len(), wrong)
        .with(figure)
        .rule("U8")
}

/// `AS-17-1` is the first attempt for request 17.
fn request(order: &str) -> Option<u64> {
    let (id, attempt) = order.strip_prefix("AS-")?.split_once('-')?;
    attempt.parse::<u32>().ok()?;
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::request;

    #[test]
    fn an_order_names_its_request() {
        assert_eq!(request("AS-17-1"), Some(17));
        assert_eq!(request("AS-17"), None);
        assert_eq!(request("17-1"), None);
    }
}

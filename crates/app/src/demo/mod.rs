//! Fills a running system with believable data, over its public interface.
//!
//! Every step has an idempotency key of its own that follows from the case, so
//! that a second run finds everything done.

mod people;
mod plan;
mod walk;

use serde_json::json;

use self::{
    people::PARTS_KEEPER,
    plan::{Intake, cases, intakes},
    walk::Walk,
};
use crate::{
    columns::padded,
    exit::{Outcome, print},
    talk::{Client, Wish},
};

/// Where the business is, below the address of the server.
const BASE: &str = "/repair";

/// Fills the repair centre with so many cases.
pub fn run(client: &Client, count: u32) -> Outcome {
    print(format!("데모 데이터 · demo data → {}{BASE}\n", client.url()))?;
    for intake in intakes(count) {
        take_in(client, &intake)?;
    }
    let mut walk = Walk::of(client);
    for case in cases(count) {
        let came_to = walk.take(&case)?;
        let number = padded(&format!("{}/{count}", case.number), 2 * digits(count) + 1, true);
        let customer = padded(case.customer, 13, false);
        let appliance = padded(case.appliance.name, 14, false);
        print(format!("  {number}  {customer} {appliance} {came_to}\n"))?;
    }
    print(walk.summary())
}

fn take_in(client: &Client, intake: &Intake) -> Outcome {
    let Intake { key, appliance, count } = intake;
    let body = json!({
        "relatedProductId": appliance.code, "stock": count, "unitPrice": appliance.price,
    });
    let wish = Wish { actor: Some((PARTS_KEEPER, "parts_keeper")), key: Some(key) };
    client.post(&format!("{BASE}/stocks"), &body, wish)?.ok()?;
    let part = padded(appliance.part, 16, false);
    let (code, price) = (appliance.code, grouped(appliance.price));
    print(format!("  부품 입고  {code:<9} {part} {count:>3}개 · {price}원\n"))
}

/// `12,000`
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    groups.map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}

fn digits(number: u32) -> usize {
    number.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn money_is_written_in_groups() {
        assert_eq!([0, 999, 12_000, 9_999_999].map(grouped), ["0", "999", "12,000", "9,999,999"]);
    }
}

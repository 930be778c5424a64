//! The list of deliveries, and how many there are for each reason.

use serde_json::{Value, json};

use super::{PATH, Which, reason, word};
use crate::{
    columns::Columns,
    exit::{Code, Outcome, Stop, print},
    talk::{Client, query},
};

/// How many are shown, unless somebody says otherwise.
const USUAL: u64 = 200;

/// Prints it.
pub fn run(client: &Client, which: &Which) -> Outcome {
    let found = ask(client, &which.fields(), which.limit.unwrap_or(USUAL))?;
    let deliveries = members(&found)?;
    if deliveries.is_empty() {
        return print("none\n");
    }
    let columns = ["id", "case", "stage", "attempts", "due"];
    let mut table = Columns::new(&[&columns[..], &["reason"]].concat()).with_numbers();
    for delivery in deliveries {
        let cells = columns.map(|column| match column {
            "due" => word(delivery, column).chars().take(19).collect(),
            _ => word(delivery, column),
        });
        table.row(cells.into_iter().chain([reason(delivery)]));
    }
    print(table.text())?;
    let reasons = found["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut counts = Columns::new(&["count", "stage", "reason"]).with_numbers();
    for it in reasons {
        counts.row([word(it, "count"), word(it, "stage"), reason(it)]);
    }
    let total = found["total"].as_u64().unwrap_or_default();
    let left = total.saturating_sub(deliveries.len() as u64);
    if left > 0 {
        print(format!("… and {left} more\n"))?;
    }
    if reasons.is_empty() { Ok(()) } else { print(format!("\n{}", counts.text())) }
}

/// Those with these fields.
pub fn find(client: &Client, fields: &[(&str, Option<&str>)], limit: u64) -> Outcome<Vec<Value>> {
    members(&ask(client, fields, limit)?).map(<[Value]>::to_vec)
}

fn ask(client: &Client, fields: &[(&str, Option<&str>)], limit: u64) -> Outcome<Value> {
    let limit = limit.min(1_000).to_string();
    let fields = [fields, &[("limit", Some(limit.as_str()))]].concat();
    let path = query::with(PATH, &fields);
    let servers = client.each();
    if let [only] = servers.as_slice() {
        return only.get(&path)?.ok();
    }
    // Whoever does not serve the context that is meant says so.
    let (mut all, mut no) = (None, None);
    for server in servers {
        match server.get(&path)?.ok() {
            Ok(found) => add(all.get_or_insert_with(|| json!({})), &found),
            Err(stop) => no = Some(stop),
        }
    }
    all.ok_or_else(|| no.unwrap_or_else(|| Stop::new(Code::Bad, "no server shows any")))
}

/// One more server says what it has.
fn add(all: &mut Value, found: &Value) {
    for name in ["deliveries", "reasons"] {
        let mut more = all[name].as_array().cloned().unwrap_or_default();
        more.extend(found[name].as_array().cloned().unwrap_or_default());
        all[name] = more.into();
    }
    let total = |it: &Value| it["total"].as_u64().unwrap_or_default();
    all["total"] = (total(all) + total(found)).into();
}

fn members(found: &Value) -> Outcome<&[Value]> {
    let all = found["deliveries"].as_array();
    all.map(Vec::as_slice).ok_or_else(|| Stop::new(Code::Bad, "the server shows no deliveries"))
}

//! Views: each shows what the journals lead to, reckoned here once more.

use std::collections::BTreeMap;

use crate::{
    records::{Record, Records},
    report::{Finding, count},
    rows::{Rows, Shown, status},
};

/// The status of each thing.
type Statuses = BTreeMap<u64, String>;

/// Every row has the status that the journal leads to, and there is no other row.
pub fn views(records: &Records, shown: &Shown) -> Finding {
    let jobs = folded(records, "service", |it| it.body["status"].as_str());
    let requests = folded(records, "request", |it| match it.event.as_str() {
        "ServiceRequested" | "CancelDenied" => Some("REQUESTED"),
        "CancelAsked" => Some("CANCELING"),
        "ServiceCanceled" => Some("CANCELED"),
        _ => None,
    });
    let pays = folded(records, "payment", |it| match it.event.as_str() {
        "PaymentAsked" => Some("PENDING"),
        "Paid" => Some("PAID"),
        "PaymentDeclined" => Some("DECLINED"),
        _ => None,
    });
    let rows = [&shown.services, &shown.requests, &shown.pays].map(BTreeMap::len);
    let mut wrong = compared("services", &jobs, &shown.services);
    wrong.extend(compared("requests", &requests, &shown.requests));
    wrong.extend(compared("pays", &pays, &shown.pays));
    let followed = shown.progress.keys().filter(|id| jobs.contains_key(id));
    let followed: Statuses = followed.map(|id| (*id, jobs[id].clone())).collect();
    wrong.extend(compared("progressViews", &followed, &shown.progress));
    let figure = format!("{} rows", count(rows.iter().sum::<usize>() + followed.len()));
    Finding::each("every view shows what its journal leads to", rows.iter().sum(), wrong)
        .with(figure)
        .rule("U11")
}

fn folded<'a>(
    records: &'a Records,
    context: &str,
    status: impl Fn(&'a Record) -> Option<&'a str>,
) -> Statuses {
    let mut statuses = Statuses::new();
    for record in records.journals.get(context).into_iter().flatten() {
        if let Some(status) = status(record) {
            statuses.insert(record.of.1, status.to_owned());
        }
    }
    statuses
}

fn compared(view: &str, expected: &Statuses, rows: &Rows) -> Vec<String> {
    let ids = expected.keys().chain(rows.keys().filter(|id| !expected.contains_key(id)));
    let wrong = ids.filter_map(|id| {
        let (expected, shown) = (expected.get(id).map_or("nothing", |it| it), status(rows, *id));
        (shown != expected).then(|| format!("{view} {id} shows {shown} and not {expected}"))
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_that_lags_or_is_not_there_is_found() {
        let expected: Statuses = [(1, "PAID".to_owned()), (2, "ACCEPTED".to_owned())].into();
        let rows: Rows =
            [(1, json!({ "status": "PAID" })), (3, json!({ "status": "PAID" }))].into();
        let wrong = compared("services", &expected, &rows);
        let found =
            ["services 2 shows nothing and not ACCEPTED", "services 3 shows PAID and not nothing"];
        assert_eq!(wrong, found);
    }
}

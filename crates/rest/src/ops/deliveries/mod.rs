//! Deliveries that took a path of their own: seen, tried again, given up.

mod act;
mod filter;
mod foreseen;
mod show;

use std::collections::BTreeMap;

use axum::response::Response;
use serde_json::{Value, json};

use crate::{
    answer,
    call::Call,
    front::Front,
    problem::{Place, Problem},
};

pub use act::act;
pub use filter::FIELDS;
pub use show::{shown, whole};

use filter::Filter;

/// How many are listed, unless somebody says otherwise; and at the most.
const LIMIT: (u64, u64) = (200, 1_000);

/// Those that are meant, and how many there are for each reason.
///
/// # Errors
///
/// When the query is not right.
pub fn list(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[&FIELDS[..], &["limit"]].concat())?;
    let limit = call.query.number("limit", 1, LIMIT.1)?.unwrap_or(LIMIT.0);
    let said = |name: &str| call.query.get(name).map(str::to_owned);
    let filter = Filter::read(front, Place::Query, said).map_err(Problem::invalid)?;
    let found = filter.find(front)?;
    let mut reasons = BTreeMap::<_, (u64, Value)>::new();
    for (_, delivery) in &found {
        let Some(reason) = &delivery.reason else { continue };
        let key = (&reason.en, delivery.stage.name());
        let both = || (0, json!({ "reason": reason, "stage": delivery.stage.name() }));
        reasons.entry(key).or_insert_with(both).0 += 1;
    }
    let mut reasons: Vec<_> = reasons.into_values().collect();
    reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let counted = |(count, mut reason): (u64, Value)| {
        reason["count"] = count.into();
        reason
    };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let deliveries: Vec<_> = found.iter().take(most).map(|(it, one)| shown(it, one)).collect();
    Ok(answer::json(&json!({
        "deliveries": deliveries,
        "total": found.len(),
        "reasons": reasons.into_iter().map(counted).collect::<Vec<_>>(),
    })))
}

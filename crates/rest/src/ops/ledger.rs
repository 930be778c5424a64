//! The ledger, with whether it adds up.

use axum::response::Response;
use serde_json::json;

use crate::{answer, call::Call, front::Front, problem::Problem};

/// The ledger, with whether it adds up.
///
/// # Errors
///
/// When a store cannot be read.
pub async fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let ledger = front.rest.runtime.ledger().await?;
    let adds_up = ledger.iter().all(runtime::Entry::adds_up);
    let entries: Vec<_> = ledger
        .iter()
        .map(|entry| {
            let mut line = json!(entry);
            line["addsUp"] = entry.adds_up().into();
            line
        })
        .collect();
    Ok(answer::json(&json!({ "addsUp": adds_up, "entries": entries })))
}

//! Whether the process lives, and whether it can do its job.

use axum::{http::StatusCode, response::Response};
use serde_json::json;

use crate::{answer, call::Call, front::Front, problem::Problem};

/// The process answers; nothing else is asked, so that nobody kills it for another's fault.
///
/// # Errors
///
/// When the query is not right.
pub fn alive(call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    Ok(answer::json(&json!({ "status": "alive" })))
}

/// Whether it can do its job, and what is missing.
///
/// # Errors
///
/// When the query is not right.
pub fn ready(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let missing = missing(front);
    let status = if missing.is_empty() { "ready" } else { "not ready" };
    let mut answer = answer::json(&json!({ "status": status, "missing": missing }));
    if !missing.is_empty() {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        answer::put(&mut answer, "retry-after", "1");
    }
    Ok(answer)
}

fn missing(front: &Front) -> Vec<String> {
    let runtime = &front.rest.runtime;
    let mut missing = Vec::new();
    if front.rest.drain.as_ref().is_some_and(crate::edge::drain::Drain::is_draining) {
        missing.push("the process is about to stop".to_owned());
    }
    if *runtime.broken().borrow() {
        missing.push("a database has failed; only a restart mends it".to_owned());
    }
    let contexts = front.system().contexts.iter();
    for context in contexts.filter(|it| front.only.is_none_or(|only| only == it.name)) {
        let name = context.name;
        if front.only.is_some() && runtime.lab().is_down(name) {
            missing.push(format!("{name} is down"));
        } else if let Err(failure) = runtime.deliveries(name, None, 1) {
            tracing::error!(context = name, story = failure.story(), "a store cannot be read");
            missing.push(format!("the store of {name} cannot be read"));
        } else if runtime.has_room(name).is_ok_and(|has_room| !has_room) {
            missing.push(format!("the store of {name} has no room left; it can only be read"));
        }
    }
    missing
}

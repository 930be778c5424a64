//! The description of everything (`OpenAPI` 3.1), made from the declaration.

mod operations;
mod paths;
mod schemas;
mod together;

use std::sync::Arc;

use axum::response::Response;
use kernel::System;
use serde_json::{Value, json};

pub use together::together;

use crate::{answer, call::Call, etag, front::Front, problem::Problem, table::Table};

/// The description of a business whose resources are found below `prefix`.
#[must_use]
pub fn openapi(system: &System, prefix: &str) -> Value {
    let (business, operating) = (Table::of(system, None), Table::operating(true, true));
    describe(system, prefix, &business, &operating)
}

/// The description of what is served here.
///
/// # Errors
///
/// When the query is not right.
pub fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (system, base) = (front.system(), &call.caller.base);
    // To make it anew each time would cost whoever asks nothing, and us much.
    let make = || describe(system, base, &front.business, front.operating()).to_string().into();
    let described = Arc::clone(front.described.lock().entry(base.clone()).or_insert_with(make));
    Ok(etag::tagged(&call.headers, "application/json", described.as_ref().to_owned()))
}

fn describe(system: &System, prefix: &str, business: &Table, operating: &Table) -> Value {
    let mut tags: Vec<_> =
        system.contexts.iter().map(|context| json!({ "name": context.name })).collect();
    tags.push(
        json!({ "name": "operations", "description": "For whoever looks after the process." }),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": system.title.ko,
            "summary": system.title.en,
            "version": "1",
        },
        "tags": tags,
        "paths": paths::of(system, prefix, business, operating),
        "components": {
            "schemas": schemas::of(system),
            "parameters": operations::parameters(system),
            "responses": operations::responses(),
            "headers": operations::headers(),
        },
    })
}

/// Kept here so that the media types are written down once.
const HAL: &str = answer::HAL;

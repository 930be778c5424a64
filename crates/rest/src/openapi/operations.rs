//! What many operations have in common.

use kernel::System;
use serde_json::{Value, json};

use super::schemas;
use crate::{problem::MEDIA_TYPE, who::OPERATOR};

/// Every problem, by the name of its answer.
const PROBLEMS: [(&str, &str, &str); 10] = [
    ("Invalid", "400", "Something in the request is not right; `errors` names it."),
    ("Forbidden", "403", "Nobody in this role may do this."),
    ("NotFound", "404", "There is no such thing."),
    ("MethodNotAllowed", "405", "Not by this method; `commands` says what there is."),
    ("Refused", "409", "The business says no, in a sentence; or the same key is at work."),
    ("TooLarge", "413", "The body is too large."),
    ("Unsupported", "415", "The body is not JSON."),
    ("KeyReused", "422", "The same idempotency key came with another command."),
    ("Fault", "500", "Our fault."),
    ("Unavailable", "503", "Nothing has changed; come back after `Retry-After` seconds."),
];

/// The problems of whoever stands in front of several servers.
const IN_FRONT: [(&str, &str, &str); 4] = [
    ("TooMany", "429", "Too many requests came from there; come back after `Retry-After` seconds."),
    ("TooManyHeaders", "431", "There are too many headers, or they are too large."),
    ("NoAnswer", "502", "Whoever was to answer broke off; repeat it under the same key."),
    ("TooLate", "504", "Whoever was to answer took too long; repeat it under the same key."),
];

/// References to the problems with these statuses.
pub fn problems(statuses: &[&str]) -> impl Iterator<Item = (String, Value)> {
    PROBLEMS.iter().filter(|(_, status, _)| statuses.contains(status)).map(referred)
}

/// References to the problems of whoever stands in front.
pub fn problems_in_front() -> impl Iterator<Item = (&'static str, Value)> {
    IN_FRONT.iter().map(|problem| (problem.1, referred(problem).1))
}

fn referred((name, status, _): &(&str, &str, &str)) -> (String, Value) {
    let reference = format!("#/components/responses/{name}");
    ((*status).to_owned(), json!({ "$ref": reference }))
}

/// The answers that are problems.
pub fn responses() -> Value {
    described(&PROBLEMS)
}

/// The answers that are problems of whoever stands in front.
pub fn responses_in_front() -> Value {
    described(&IN_FRONT)
}

fn described(problems: &[(&str, &str, &str)]) -> Value {
    let one = |(name, status, description): &(&str, &str, &str)| {
        let mut response = json!({
            "description": description,
            "content": { MEDIA_TYPE: { "schema": schemas::named("Problem") } },
        });
        if matches!(*status, "409" | "429" | "502" | "503" | "504") {
            response["headers"] = json!({ "Retry-After": { "schema": { "type": "integer" } } });
        }
        ((*name).to_owned(), response)
    };
    Value::Object(problems.iter().map(one).collect())
}

/// What stands in the head of answers.
pub fn headers() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "Freshness": {
            "description": "Up to where the view has seen each journal.",
            "schema": text,
        },
        "FreshnessToken": {
            "description": "What a view must have seen to show what came of the command.",
            "schema": text,
        },
        "Replayed": {
            "description": "True when the command was answered before, under the same key.",
            "schema": text,
        },
        "ETag": { "schema": text },
        "Location": { "schema": { "type": "string", "format": "uri-reference" } },
    })
}

/// What may stand in the head of requests.
pub fn parameters(system: &System) -> Value {
    let roles: Vec<_> = system.roles().iter().chain([&OPERATOR]).map(|role| role.name).collect();
    let contexts: Vec<_> = system.contexts.iter().map(|context| context.name).collect();
    let position = format!("({}):[0-9]{{1,18}}", contexts.join("|"));
    let header = |name: &str, description: &str, most: u32| {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": most });
        json!({ "name": name, "in": "header", "description": description, "schema": schema })
    };
    let same = "The same command under the same key is done once.";
    let wait = "`wait=5`: how many seconds to wait until the case settles.";
    let mut parameters = json!({
        "Actor": header("X-Actor", "Who acts; percent-encoded if need be.", 600),
        "Role": header("X-Role", "The role they act in.", 50),
        "IdempotencyKey": header("Idempotency-Key", same, 300),
        "Prefer": header("Prefer", wait, 1_000),
        "Fresh": header("Freshness-Token", "Waits until the view has seen this.", 1_000),
        "IfNoneMatch": header("If-None-Match", "The tag of what is known.", 1_000),
    });
    parameters["Role"]["schema"] = json!({ "enum": roles });
    parameters["Fresh"]["schema"]["pattern"] = format!("^{position}(, ?{position})*$").into();
    parameters
}

/// References to parameters.
pub fn reference(names: &[&str]) -> Vec<Value> {
    let reference = |name: &&str| json!({ "$ref": format!("#/components/parameters/{name}") });
    names.iter().map(reference).collect()
}

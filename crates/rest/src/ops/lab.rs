//! The failure lab: who feels how, and making one feel otherwise.

use axum::response::Response;
use runtime::{Failure, lab::Mood};
use serde_json::{Value, json};

use super::text;
use crate::{
    answer, body,
    call::Call,
    front::Front,
    problem::{Place, Problem, Violation},
};

/// What everyone can feel.
const EVERYONE: [&str; 4] = ["up", "down", "slow 620ms", "failing 30%"];

/// Everyone, and how they feel.
///
/// # Errors
///
/// When the query is not right.
pub fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let moods = front.rest.runtime.lab().moods().into_iter();
    let members: Vec<_> = moods.map(|(name, mood)| said(front, name, &mood)).collect();
    Ok(answer::json(&json!({ "members": members })))
}

/// Makes one feel so.
///
/// # Errors
///
/// When nobody has that name, or feels that way.
pub fn feel(front: &Front, call: &Call, sent: &[u8]) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (runtime, name) = (&front.rest.runtime, call.param.as_str());
    if runtime.lab().mood(name).is_none() {
        return Err(Failure::Unknown { what: format!("{name} in the lab") }.into());
    }
    let mut wrong = Vec::new();
    let state = text(&body::plain(sent, &["state"])?, "state", &mut wrong);
    let mood = state.parse().ok().filter(|mood| can(front, name, mood));
    let Some(mood) = mood else {
        if wrong.is_empty() {
            wrong.push(Violation::one_of(Place::Body, "state", &allowed(front, name)));
        }
        return Err(Problem::invalid(wrong));
    };
    if let Some(outside) = runtime.outsides().find(|it| it.name() == name) {
        outside.feel(&mood);
    }
    let said = said(front, name, &mood);
    runtime.lab().set(name, mood);
    Ok(answer::json(&said))
}

/// Whether it is one of theirs.
fn can(front: &Front, name: &str, mood: &Mood) -> bool {
    let outside = front.rest.runtime.outsides().find(|it| it.name() == name);
    match mood {
        Mood::Up | Mood::Down | Mood::Slow(_) | Mood::Failing(_) => true,
        Mood::Unknown => outside.is_some(),
        Mood::Own(own) => outside.is_some_and(|it| it.moods().contains(&own.as_str())),
    }
}

fn allowed(front: &Front, name: &str) -> Vec<&'static str> {
    let outside = front.rest.runtime.outsides().find(|it| it.name() == name);
    let own = outside.map(|it| it.moods()).unwrap_or_default();
    let unknown = outside.map(|_| "unknown");
    EVERYONE.into_iter().chain(unknown).chain(own.iter().copied()).collect()
}

fn said(front: &Front, name: &str, mood: &Mood) -> Value {
    let kind = match front.system().context(name) {
        Some(_) => "context",
        None => "outside",
    };
    json!({ "name": name, "kind": kind, "state": mood.to_string(), "allowed": allowed(front, name) })
}

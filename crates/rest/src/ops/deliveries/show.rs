//! One delivery: what it is about, where it stands, and what was done about it.

use axum::response::Response;
use kernel::Actor;
use runtime::{
    Whereabouts,
    store::{Act, Delivery},
};
use serde_json::{Value, json};

use super::filter::{by_id, id};
use crate::{
    answer,
    call::Call,
    front::Front,
    moment,
    ops::journal,
    problem::{Place, Problem},
};

/// Everything about one.
///
/// # Errors
///
/// When there is none of that name.
pub async fn whole(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (context, key) = by_id(front, Place::Path, &call.param)?;
    let found = front.rest.runtime.whereabouts(context, &key).await?;
    let Whereabouts { event, aside, read, behind, waiting, acts } = &found;
    let mut said = match aside {
        Some(delivery) => shown(context, delivery),
        None => json!({
            "id": id(context, &key),
            "context": context,
            "subscription": *key.subscription,
            "source": key.source,
            "position": key.position,
            "case": event.case.to_string(),
            "stage": if *read { "done" } else { "new" },
            "attempts": 0,
        }),
    };
    said["event"] = journal::shown(front, event);
    said["behind"] = json!(behind.map(|it| format!("{}:{it}", key.source)));
    said["waitingBehind"] = json!(waiting);
    let told = acts.iter().enumerate().map(|(index, act)| {
        // What came of it is how the next one found it, or how it is now.
        let now = acts.get(index + 1).map(|next| &next.found).or(aside.as_ref());
        told(act, now)
    });
    said["acts"] = told.collect();
    Ok(answer::json(&said))
}

/// One, as it stands.
pub fn shown(context: &str, delivery: &Delivery) -> Value {
    let Delivery { key, case, stage, attempts, since, reason, ended } = delivery;
    // What waits behind another has no time of its own.
    let due = stage.due().filter(|due| due.0 < i64::MAX / 2);
    json!({
        "id": id(context, key),
        "context": context,
        "subscription": *key.subscription,
        "source": key.source,
        "position": key.position,
        "case": case.to_string(),
        "stage": stage.name(),
        "attempts": attempts,
        "ended": ended,
        "since": moment::rfc3339(since.0),
        "due": due.map(|due| moment::rfc3339(due.0)),
        "reason": reason,
    })
}

fn told(act: &Act, after: Option<&Delivery>) -> Value {
    let Act { at, by: Actor { name, role }, deed, why, found } = act;
    let standing = |it: &Delivery| json!({ "stage": it.stage.name(), "attempts": it.attempts, "reason": it.reason });
    json!({
        "time": moment::rfc3339(at.0),
        "by": { "name": **name, "role": **role },
        "deed": deed.name(),
        "why": **why,
        "found": standing(found),
        "came": after.map_or_else(|| json!({ "stage": "done" }), standing),
    })
}

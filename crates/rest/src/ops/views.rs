//! Views rebuilt beside the rows that are shown: started, watched, switched.

use axum::response::Response;
use kernel::{Actor, Context, Projection};
use runtime::{
    Failure,
    rebuild::{Difference, Example, Field, Rebuild},
};
use serde_json::{Value, json};

use crate::{
    answer, body, call::Call, front::Front, hal::Plan, moment, problem::Problem, table::Operation,
};

/// Every view, and how its rebuild stands.
///
/// # Errors
///
/// When the query is not right, or a view cannot be counted.
pub fn list(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let contexts = front.system().contexts.iter();
    let views = contexts.flat_map(|context| context.views.iter().map(move |view| (context, view)));
    let views = views.map(|(context, view)| shown(front, context, view));
    Ok(answer::json(&json!({ "views": views.collect::<Result<Vec<_>, _>>()? })))
}

/// One view, and how its rebuild stands.
///
/// # Errors
///
/// When there is none of that name.
pub fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (context, view) = named(front, &call.param)?;
    Ok(answer::json(&shown(front, context, view)?))
}

/// Starts a rebuild, switches or cancels it.
///
/// # Errors
///
/// When there is no view of that name, or this cannot be done now.
pub async fn change(
    front: &Front,
    call: &Call,
    by: &Actor,
    (sent, operation): (&[u8], Operation),
) -> Result<Response, Problem> {
    call.query.only(&[])?;
    if !sent.is_empty() {
        body::plain(sent, &[])?;
    }
    let (context, view) = named(front, &call.param)?;
    let (runtime, of, name) = (&front.rest.runtime, context.name, view.name);
    match operation {
        Operation::Rebuild => drop(runtime.start_rebuild(of, name)?),
        Operation::Switch => drop(runtime.switch_rebuild(of, name).await?),
        _ => runtime.cancel_rebuild(of, name).await?,
    }
    tracing::info!(by = %by.role, view = name, ?operation, "a rebuild");
    Ok(answer::json(&shown(front, context, view)?))
}

fn named<'a>(front: &'a Front, name: &str) -> Result<(&'a Context, &'a Projection), Problem> {
    let mut contexts = front.system().contexts.iter();
    let found = contexts.find_map(|context| context.shown(name).map(|view| (context, view)));
    let nobody = || {
        let mut others = front.rest.runtime.away().contexts.iter();
        match others.find(|context| context.shown(name).is_some()) {
            Some(other) => Failure::unavailable(other.name, "another process serves it"),
            None => Failure::Unknown { what: format!("view {name}") },
        }
    };
    Ok(found.ok_or_else(nobody)?)
}

fn shown(front: &Front, context: &Context, view: &Projection) -> Result<Value, Failure> {
    let runtime = &front.rest.runtime;
    let rebuild = runtime.rebuild(context.name, view.name);
    let own = [context.name];
    let seen = runtime.seen(context.name, view)?;
    let sources: Vec<_> = seen.iter().map(|(source, _)| *source).collect();
    Ok(json!({
        "view": view.name,
        "context": context.name,
        "sources": if view.is_own(context) { &own[..] } else { &sources[..] },
        "rows": runtime.count_rows(context.name, view, &[])?,
        "rebuild": rebuild.map(|it| told(&it, &Plan::of(view))),
    }))
}

fn told(rebuild: &Rebuild, plan: &Plan) -> Value {
    let Rebuild { phase, since, read, of, difference, reason } = rebuild;
    json!({
        "phase": phase,
        "since": moment::rfc3339(since.0),
        "read": read,
        "of": of,
        "difference": difference.as_ref().map(|it| figures(it, plan)),
        "reason": reason,
    })
}

fn figures(difference: &Difference, plan: &Plan) -> Value {
    let Difference { same, changed, missing, extra, examples } = difference;
    let examples: Vec<_> = examples.iter().map(|it| example(it, plan)).collect();
    json!({
        "same": same, "changed": changed, "missing": missing, "extra": extra,
        "examples": examples,
    })
}

/// What opens doors is not shown, only that it differs.
fn example(example: &Example, plan: &Plan) -> Value {
    let Example { number, verdict, unreadable, fields } = example;
    let field = |Field { name, shown, rebuilt }: &Field| {
        if plan.shows(name) || name == "id" {
            json!({ "name": name, "shown": shown, "rebuilt": rebuilt })
        } else {
            json!({ "name": name, "hidden": true })
        }
    };
    json!({
        "id": number, "verdict": verdict, "unreadable": unreadable,
        "fields": fields.iter().map(field).collect::<Vec<_>>(),
    })
}

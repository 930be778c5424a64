//! One row, by its number or by another field.

use std::sync::Arc;

use axum::response::Response;
use kernel::Projection;
use runtime::{
    Failure,
    store::{Query, Shown, Sort, Start},
};

use super::{Form, indexed, listing::no_view, showing::Showing};
use crate::{
    answer,
    call::Call,
    etag, freshness,
    front::Front,
    problem::{Place, Problem},
    rows::Members,
    sse,
    table::Resource,
};

/// One row, by its number.
///
/// # Errors
///
/// When there is none, or the door stays shut.
pub async fn row(front: &Arc<Front>, call: &Call, resource: Resource) -> Result<Response, Problem> {
    let (system, runtime) = (front.system(), &front.rest.runtime);
    let context = resource.context(system);
    let Some(view) = resource.view(system) else { return Err(no_view(resource)) };
    call.query.only(if view.door.is_some() { &["token"] } else { &[] })?;
    let number = call.id()?;
    runtime.pass(context.name).await?;
    freshness::caught_up(front, call, context, view).await?;
    if Form::of(&call.headers) == Form::Live {
        return sse::row(front, call, resource, (view, number));
    }
    let seen = freshness::of(front, context, view)?.join(", ");
    let shown = opened(front, call, resource, (view, number))?;
    answer(front, call, resource, (&shown, &seen))
}

/// One row, by another field.
///
/// # Errors
///
/// When there is none.
pub async fn lookup(
    front: &Arc<Front>,
    call: &Call,
    resource: Resource,
    index: usize,
) -> Result<Response, Problem> {
    let (system, runtime) = (front.system(), &front.rest.runtime);
    let context = resource.context(system);
    let Some(view) = resource.view(system) else { return Err(no_view(resource)) };
    let lookup = view.lookups[index];
    call.query.only(if lookup.in_path { &[] } else { std::slice::from_ref(&lookup.field) })?;
    let (place, text) = if lookup.in_path {
        (Place::Path, call.param.as_str())
    } else {
        (Place::Query, needed(call, lookup.field)?)
    };
    let filter = indexed::filter(view, lookup.field, text, place)?;
    let what = format!("{} {}={text}", view.name, lookup.field);
    runtime.pass(context.name).await?;
    freshness::caught_up(front, call, context, view).await?;
    let seen = freshness::of(front, context, view)?.join(", ");
    let (sort, start) = (Sort::default(), Start::Skip(0));
    let query = Query { filters: vec![filter], sort, start, size: 1 };
    let found = runtime.rows(context.name, view, &query)?.into_iter().next();
    let shown = found.ok_or(Failure::Unknown { what })?;
    runtime.check_row(view, &shown)?;
    answer(front, call, resource, (&shown, &seen))
}

/// A row that is there, for a caller whose token opens it; without a token, for everyone who may
/// see the list.
///
/// # Errors
///
/// When it is not there, or the token is another: the same answer for both.
pub fn opened(
    front: &Front,
    call: &Call,
    resource: Resource,
    (view, number): (&Projection, u64),
) -> Result<Shown, Problem> {
    let context = resource.context(front.system()).name;
    let unknown = || Failure::Unknown { what: format!("{} {number}", view.name) };
    let shown = front.rest.runtime.row(context, view, number)?.ok_or_else(unknown)?;
    front.rest.runtime.check_row(view, &shown)?;
    if let (Some(door), Some(token)) = (view.door, call.query.get("token")) {
        let members = Members::of(&shown.row);
        let kept = members.ok().and_then(|it| it.text(door)).unwrap_or_default();
        if !same(&kept, token) {
            return Err(unknown().into());
        }
    }
    Ok(shown)
}

fn answer(
    front: &Front,
    call: &Call,
    resource: Resource,
    (shown, seen): (&Shown, &str),
) -> Result<Response, Problem> {
    let showing = Showing { front, caller: &call.caller, resource };
    let body = showing.row(shown.number, &shown.row)?;
    let mut answer = etag::tagged(&call.headers, answer::HAL, body);
    answer::put(&mut answer, freshness::FRESHNESS, seen);
    Ok(answer)
}

fn needed<'a>(call: &'a Call, field: &str) -> Result<&'a str, Problem> {
    call.query.get(field).ok_or_else(|| {
        let sentences = ("꼭 있어야 해요.", "is missing.");
        crate::problem::Violation::new(Place::Query, field, "required", sentences).into()
    })
}

/// Compares in a time that does not depend on where they differ; nothing is the same as nothing
/// that was never set.
fn same(kept: &str, given: &str) -> bool {
    let pairs = kept.bytes().zip(given.bytes());
    !kept.is_empty() && kept.len() == given.len() && pairs.fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
}

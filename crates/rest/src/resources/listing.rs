//! Lists, in the form that is wanted.

use std::{fmt::Write, sync::Arc};

use axum::response::Response;
use kernel::{Projection, Verb};
use runtime::Failure;

use super::{Form, Paging, showing::Showing};
use crate::{
    answer, call::Call, csv, etag, freshness, front::Front, links::Links, problem::Problem,
    rows::quote, sse, table::Resource,
};

/// How long a resource usually is, in bytes.
const USUAL: usize = 1024;

/// A list, in the form that is wanted.
///
/// # Errors
///
/// When the query is not right, or the list cannot be read.
pub async fn list(
    front: &Arc<Front>,
    call: &Call,
    resource: Resource,
) -> Result<Response, Problem> {
    let (system, runtime) = (front.system(), &front.rest.runtime);
    let context = resource.context(system);
    let Some(view) = resource.view(system) else { return Err(no_view(resource)) };
    let form = Form::of(&call.headers);
    if form == Form::Live {
        call.query.only(&[])?;
    }
    let paging = Paging::of(view, &call.query)?;
    runtime.pass(context.name).await?;
    freshness::caught_up(front, call, context, view).await?;
    let seen = freshness::of(front, context, view)?.join(", ");
    let mut answer = match form {
        Form::Hal => {
            let body = page(front, call, resource, view, &paging)?;
            etag::tagged(&call.headers, answer::HAL, body)
        }
        Form::Csv => {
            tracing::info!(view = view.name, "a list was taken out as a table");
            csv::table(front, context.name, view, &paging)?
        }
        Form::Live => return sse::list(front, call, resource, view).await,
    };
    answer::put(&mut answer, freshness::FRESHNESS, &seen);
    Ok(answer)
}

fn page(
    front: &Front,
    call: &Call,
    resource: Resource,
    view: &Projection,
    paging: &Paging,
) -> Result<String, Problem> {
    let (runtime, context) = (&front.rest.runtime, resource.context(front.system()).name);
    let mut found = runtime.rows(context, view, &paging.query())?;
    let total = runtime.count_rows(context, view, &paging.filters)?;
    let goes_on = found.len() > paging.size;
    found.truncate(paging.size);
    let next = found.last().filter(|_| goes_on).map(|last| paging.after(last));

    let showing = Showing { front, caller: &call.caller, resource };
    let numbers: Vec<_> = found.iter().map(|row| row.number).collect();
    let takes = showing.takes(&numbers)?;
    let mut body = String::with_capacity(found.len() * USUAL + USUAL);
    body.push_str("{\"_embedded\":{");
    quote(resource.path, &mut body);
    body.push_str(":[");
    let (mut separator, mut bad) = ("", Vec::new());
    for (row, takes) in found.iter().zip(&takes) {
        let shown = || showing.row_that((row.number, &row.row), takes);
        match runtime.check_row(view, row).and_then(|()| shown()) {
            Ok(shown) => {
                body.push_str(separator);
                body.push_str(&shown);
                separator = ",";
            }
            Err(failure @ Failure::BadRow { .. }) => {
                bad.push(Problem::from(failure).of_row(row.number, call.tongue));
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    body.push_str("]},");
    if !bad.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(body, "\"problems\":{},", serde_json::Value::Array(bad));
    }
    body.push_str(&links(&showing, call, paging, next.as_deref()).member());
    let (size, pages, number) = (paging.size, total.div_ceil(paging.size as u64), paging.page);
    let _ = write!(
        body,
        r#","page":{{"size":{size},"totalElements":{total},"totalPages":{pages},"number":{number}}}}}"#
    );
    Ok(body)
}

fn links(showing: &Showing<'_>, call: &Call, paging: &Paging, next: Option<&str>) -> Links {
    let href = showing.href();
    let with = |fields: &[(&str, &str)]| {
        format!("{href}{}", call.query.written(&["page", "after"], fields))
    };
    let mut links = Links::to_self(&format!("{href}{}", call.query.written(&[], &[])));
    links.add("first", &with(&[]), &[]);
    if paging.page > 0 {
        links.add("prev", &with(&[("page", &(paging.page - 1).to_string())]), &[]);
    }
    if let Some(cursor) = next {
        links.add("next", &with(&[("after", cursor)]), &[]);
    }
    let system = showing.front.system();
    for lookup in showing.resource.view(system).iter().flat_map(|view| &view.lookups) {
        let (name, field) = (lookup.name, lookup.field);
        let template = if lookup.in_path {
            format!("{href}/{name}/{{{field}}}")
        } else {
            format!("{href}/search/{name}{{?{field}}}")
        };
        links.add_template(name, &template);
    }
    for (_, rule) in showing.resource.rules(system) {
        let posts = matches!(rule.verb, Some(Verb::Post | Verb::PostTo(_)));
        if posts && call.caller.who.may(rule) {
            let more = [("title", rule.command.doc), ("method", "POST")];
            links.add(&camel(rule.command.name), &href, &more);
        }
    }
    links
}

/// As members are called on the wire.
fn camel(name: &str) -> String {
    let (head, tail) = name.split_at(name.len().min(1));
    head.to_ascii_lowercase() + tail
}

/// Only a resource that shows nothing has no list, and no address for one.
pub fn no_view(resource: Resource) -> Problem {
    runtime::Failure::fault(format!("{} shows nothing", resource.path)).into()
}

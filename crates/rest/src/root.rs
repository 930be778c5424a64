//! The first address: links to everything.

use axum::response::Response;

use kernel::{System, Tongue};

use crate::{
    answer,
    call::Call,
    etag,
    front::Front,
    links::Links,
    problem::Problem,
    rows::quoted,
    table::{Act, Resource, Table},
};

/// Links to everything.
///
/// # Errors
///
/// When the query is not right.
pub fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let of = (front.system(), front.only, front.operating());
    let body = links(of, &call.caller.base, call.tongue);
    let mut answer = etag::tagged(&call.headers, answer::HAL, body);
    answer::put(&mut answer, "vary", "Accept, Accept-Language");
    Ok(answer)
}

/// The body with the links to everything of a business, or of one of its contexts, below `base`;
/// and to what there is for whoever looks after the process.
#[must_use]
pub fn links(
    (system, only, operating): (&System, Option<&str>, &Table),
    base: &str,
    tongue: Tongue,
) -> String {
    let here = if base.is_empty() { "/" } else { base };
    let mut links = Links::to_self(here);
    for resource in Resource::all(system, only) {
        let title = match resource.view(system) {
            Some(view) => view.row.doc,
            None => resource.path,
        };
        links.add(resource.path, &format!("{base}/{}", resource.path), &[("title", title)]);
    }
    links.add("describedby", &format!("{base}/openapi.json"), &[]);
    for route in &operating.routes {
        if let Act::Operate(_) = route.act
            && !route.template.contains('{')
            && route.method == axum::http::Method::GET
        {
            links.add(route.template.trim_start_matches('/'), &route.template, &[]);
        }
    }
    let title = quoted(system.title.in_tongue(tongue));
    format!("{{\"title\":{title},{}}}", links.member())
}

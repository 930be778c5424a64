//! The first address: links to everything.

use axum::response::Response;

use crate::{
    answer,
    call::Call,
    etag,
    front::Front,
    links::Links,
    problem::Problem,
    rows::quoted,
    table::{Act, Resource},
};

/// Links to everything.
///
/// # Errors
///
/// When the query is not right.
pub fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (base, system) = (&call.caller.base, front.system());
    let here = if base.is_empty() { "/" } else { base };
    let mut links = Links::to_self(here);
    for resource in Resource::all(system, front.only) {
        let title = match resource.view(system) {
            Some(view) => view.row.doc,
            None => resource.path,
        };
        links.add(resource.path, &format!("{base}/{}", resource.path), &[("title", title)]);
    }
    links.add("describedby", &format!("{base}/openapi.json"), &[]);
    for route in &front.operating().routes {
        if let Act::Operate(_) = route.act
            && !route.template.contains('{')
            && route.method == axum::http::Method::GET
        {
            links.add(route.template.trim_start_matches('/'), &route.template, &[]);
        }
    }
    let title = quoted(system.title.in_tongue(call.tongue));
    let body = format!("{{\"title\":{title},{}}}", links.member());
    let mut answer = etag::tagged(&call.headers, answer::HAL, body);
    answer::put(&mut answer, "vary", "Accept, Accept-Language");
    Ok(answer)
}

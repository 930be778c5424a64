//! What the gateway says of itself and of everything behind it.

use axum::body::Body;
use hyper::{HeaderMap, Response, StatusCode, header::HeaderValue};
use kernel::{System, Tongue};
use rest::{Act, Operation, Table};
use serde_json::{Map, Value, json};

use crate::front::Front;

/// Where health is told; to the public too, for whoever balances several gateways.
pub fn health_only() -> Table {
    let mut table = Table::operating(true, false);
    table.routes.retain(|it| matches!(it.act, Act::Operate(Operation::Alive | Operation::Ready)));
    table
}

/// Whether this is where health is told.
pub fn is_health(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz")
}

/// How the gateway is. It is ready as long as it can serve anything at all: what is missing is
/// said, but it would help nobody if what is there could not be reached either.
pub fn health(front: &Front, path: &str) -> Response<Body> {
    if path == "/livez" {
        return json_of(StatusCode::OK, &json!({ "status": "alive" }));
    }
    let unserved = front.unserved();
    let mut missing: Vec<_> =
        unserved.iter().map(|context| format!("nobody serves {context}")).collect();
    let is_draining = front.drain.is_draining();
    if is_draining {
        missing.insert(0, "the process is about to stop".to_owned());
    }
    let is_ready = !is_draining && unserved.len() < front.crews.len();
    let status = if is_ready { "ready" } else { "not ready" };
    let code = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json_of(code, &json!({ "status": status, "missing": missing }))
}

/// The links to all businesses.
pub fn yard(front: &Front, headers: &HeaderMap, tongue: Tongue) -> Response<Body> {
    let mut links = Map::new();
    links.insert("self".to_owned(), json!({ "href": "/" }));
    for business in &front.routes.businesses {
        let system = &business.system;
        let title = system.title.in_tongue(tongue);
        let href = format!("/{}", system.name);
        links.insert(system.name.to_owned(), json!({ "href": href, "title": title }));
    }
    links.insert("describedby".to_owned(), json!({ "href": "/openapi.json" }));
    let body = json!({ "title": "madang", "_links": links }).to_string();
    let mut answer = rest::tagged(headers, "application/hal+json", body);
    answer.headers_mut().insert("vary", HeaderValue::from_static("Accept, Accept-Language"));
    answer
}

/// The description of everything.
pub fn description(systems: &[System]) -> String {
    rest::together(systems, &health_only()).to_string()
}

/// What only operators and programs look at.
pub fn json_of(status: StatusCode, body: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    if !status.is_success() {
        headers.insert("retry-after", HeaderValue::from_static("1"));
    }
    answer
}

//! Answers, by what they carry.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

/// The media type of resources.
pub const HAL: &str = "application/hal+json";

/// A resource, after something was done to it.
pub fn told(status: StatusCode, body: String) -> Response {
    let mut answer = of(HAL, body);
    *answer.status_mut() = status;
    never_kept(answer)
}

/// What only operators and programs look at.
pub fn json(body: &Value) -> Response {
    never_kept(of("application/json", body.to_string()))
}

/// Something that is not to be kept by anybody on the way.
pub fn never_kept(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A body of some type.
pub fn of(media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// Nothing but the methods that are heard.
pub fn nothing(methods: &str) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    put(&mut answer, "allow", methods);
    answer
}

/// Puts a header, if its value can stand in one.
pub fn put(answer: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

//! Sends back what it is sent: the most that HTTP lets through here.

use axum::{Router, body::Bytes, http::StatusCode, routing::post};

/// Every `POST /repair/requests` comes back as it is.
pub fn router() -> Router {
    let echo = async |body: Bytes| (StatusCode::CREATED, body);
    Router::new().route("/repair/requests", post(echo))
}

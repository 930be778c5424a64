//! What did not work, as one process tells another.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use runtime::Failure;
use serde::{Deserialize, Serialize};

/// What did not work.
#[derive(Debug, Serialize, Deserialize)]
pub struct Said {
    /// What did not work, in a sentence.
    pub why: String,
}

/// A failure as an answer: 503 when it passes, 404 when there is no such thing.
pub fn no(failure: &Failure) -> Response {
    let status = match failure {
        _ if failure.passes() => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Unknown { .. } => StatusCode::NOT_FOUND,
        _ => {
            tracing::error!(story = failure.story(), "a question of another process failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    (status, Json(Said { why: failure.to_string() })).into_response()
}

/// The answer of another process that was not what we asked for.
pub fn heard(who: &str, status: StatusCode, body: &[u8]) -> Failure {
    let said =
        serde_json::from_slice::<Said>(body).map_or_else(|_| status.to_string(), |it| it.why);
    // A key or a clock that is about to be put right passes too.
    if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::UNAUTHORIZED].contains(&status) {
        return Failure::unavailable(who, said);
    }
    Failure::fault(format!("{who} answered {}: {said}", status.as_u16()))
}

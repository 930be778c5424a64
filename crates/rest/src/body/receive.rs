//! Taking a body in: how much, and in which format.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::problem::{Kind, Problem};

/// How large a body may be, in bytes.
const LIMIT: usize = 64 * 1024;

/// A body that is JSON, or nothing at all: then it is an empty object.
///
/// # Errors
///
/// When it is too large, says that it is something else, or is broken off.
pub async fn receive(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > LIMIT as u64 {
        return Err(too_large());
    }
    if body.is_end_stream() {
        return Ok(Bytes::from_static(b"{}"));
    }
    let is_json = is_json(headers);
    let body = match Limited::new(body, LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(error) => {
            tracing::debug!(%error, "a body was broken off");
            return Err(Problem::new(
                Kind::BrokenOff,
                "요청 본문이 끝까지 오지 않았어요.",
                "The body of the request did not arrive in full.",
            ));
        }
    };
    match body.len() {
        0 => Ok(Bytes::from_static(b"{}")),
        _ if is_json => Ok(body),
        _ => Err(Problem::new(
            Kind::UnsupportedMediaType,
            "본문은 application/json이어야 하고 압축하지 않아야 해요.",
            "The body must be application/json, and not compressed.",
        )),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let media = text(header::CONTENT_TYPE).unwrap_or_default().split(';').next();
    let media = media.unwrap_or_default().trim().to_ascii_lowercase();
    let is_plain = !headers.contains_key(header::CONTENT_ENCODING)
        || text(header::CONTENT_ENCODING) == Some("identity");
    is_plain && (media == "application/json" || media.ends_with("+json"))
}

fn too_large() -> Problem {
    let (kib, bytes) = (LIMIT / 1024, LIMIT);
    Problem::new(
        Kind::TooLarge,
        format!("본문은 {kib} KiB({bytes}바이트)까지 보낼 수 있어요."),
        format!("A body may have {kib} KiB ({bytes} bytes) at the most."),
    )
}

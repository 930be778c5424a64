//! Saying no in a way that a person and a program can do something about (RFC 9457).

mod failed;
mod violation;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use kernel::{Sentence, Tongue};
use serde_json::{Value, json};

pub use violation::{Place, Violation};

use crate::tongue;

/// Why a request came to nothing. Nothing has changed.
pub struct Problem(Box<Story>);

struct Story {
    status: StatusCode,
    kind: &'static str,
    title: (&'static str, &'static str),
    detail: Sentence,
    errors: Vec<Violation>,
    commands: Option<Value>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Every kind of problem: the end of its type, its status, its title in Korean and English.
const KINDS: [(&str, StatusCode, &str, &str); 17] = [
    ("invalid", StatusCode::BAD_REQUEST, "요청이 올바르지 않아요", "The request is not right"),
    ("malformed", StatusCode::BAD_REQUEST, "JSON이 아니에요", "This is not JSON"),
    ("forbidden", StatusCode::FORBIDDEN, "할 수 없는 일이에요", "This is not allowed"),
    ("not-found", StatusCode::NOT_FOUND, "찾을 수 없어요", "There is no such thing"),
    ("unknown-path", StatusCode::NOT_FOUND, "없는 주소예요", "There is no such address"),
    (
        "method-not-allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "이 주소에서는 할 수 없어요",
        "This cannot be done here",
    ),
    ("refused", StatusCode::CONFLICT, "지금은 할 수 없어요", "This cannot be done now"),
    (
        "key-busy",
        StatusCode::CONFLICT,
        "같은 요청을 처리하고 있어요",
        "The same request is at work",
    ),
    ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "요청이 너무 커요", "The request is too large"),
    (
        "unsupported-media-type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "읽을 수 없는 형식이에요",
        "This format cannot be read",
    ),
    (
        "key-reused",
        StatusCode::UNPROCESSABLE_ENTITY,
        "이미 다른 요청에 쓴 키예요",
        "This key was used for something else",
    ),
    ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "잠시 멈췄어요", "Away for a moment"),
    ("not-yet", StatusCode::SERVICE_UNAVAILABLE, "아직 보이지 않아요", "Not to be seen yet"),
    (
        "unknown-outcome",
        StatusCode::SERVICE_UNAVAILABLE,
        "결과를 알 수 없어요",
        "What came of it is not known",
    ),
    (
        "fault",
        StatusCode::INTERNAL_SERVER_ERROR,
        "예기치 않은 오류가 생겼어요",
        "Something unexpected happened",
    ),
    ("broken-off", StatusCode::BAD_REQUEST, "요청이 끊겼어요", "The request was broken off"),
    ("draining", StatusCode::SERVICE_UNAVAILABLE, "곧 멈춰요", "About to stop"),
];

impl Problem {
    /// A problem of a kind, in a sentence of its own.
    pub fn new(kind: &'static str, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self::say(kind, Sentence::new(ko, en))
    }

    /// As [`Problem::new`], where the sentence is there already.
    pub fn say(kind: &'static str, detail: Sentence) -> Self {
        let found = KINDS.iter().find(|(name, ..)| *name == kind);
        let (kind, status, ko, en) = *found.unwrap_or(&KINDS[14]);
        let (errors, commands, retry_after, allow) = Default::default();
        let title = (ko, en);
        Self(Box::new(Story { status, kind, title, detail, errors, commands, retry_after, allow }))
    }

    /// Everything that is wrong with a request, at once.
    pub fn invalid(errors: Vec<Violation>) -> Self {
        let sentences = |tongue| {
            let all: Vec<_> = errors.iter().map(|it| it.sentence.in_tongue(tongue)).collect();
            all.join(" ")
        };
        let detail = Sentence::new(sentences(Tongue::Korean), sentences(Tongue::English));
        let mut problem = Self::say("invalid", detail);
        problem.0.errors = errors;
        problem
    }

    /// It may be worth asking again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// These methods would be heard, and these commands there are.
    #[must_use]
    pub fn allow(mut self, methods: String, commands: Value) -> Self {
        self.0.allow = Some(methods);
        self.0.commands = Some(commands);
        self
    }

    /// As the business sees it: what kind of no this is.
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// The answer, in the language of whoever asked; `instance` is where.
    pub fn answer(self, tongue: Tongue, instance: &str) -> Response {
        let Story { status, kind, title, detail, errors, commands, retry_after, allow } = *self.0;
        let title = match tongue {
            Tongue::Korean => title.0,
            Tongue::English => title.1,
        };
        let mut body = json!({
            "type": format!("/problems/{kind}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail.in_tongue(tongue),
            "instance": instance,
        });
        if !errors.is_empty() {
            body["errors"] = errors.into_iter().map(|it| it.json(tongue)).collect();
        }
        if let Some(commands) = commands {
            body["commands"] = commands;
        }
        if let Some(seconds) = retry_after {
            body["retryAfter"] = json!(seconds);
        }
        let mut answer = Response::new(Body::from(body.to_string()));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tongue::tag(tongue)));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(methods) = allow.and_then(|it| it.try_into().ok()) {
            headers.insert(header::ALLOW, methods);
        }
        answer
    }
}

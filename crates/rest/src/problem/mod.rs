//! Saying no in a way that a person and a program can do something about (RFC 9457).

mod failed;
mod kind;
mod violation;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use kernel::{Sentence, Tongue};
use serde::Serialize;
use serde_json::Value;

pub use kind::Kind;
pub use violation::{Place, Violation};

use crate::tongue;

/// Why a request came to nothing. Nothing has changed.
pub struct Problem(Box<Story>);

struct Story {
    kind: Kind,
    detail: Sentence,
    errors: Vec<Violation>,
    commands: Option<Value>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

/// A problem as it goes over the wire.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

impl Problem {
    /// A problem of a kind, in a sentence of its own.
    pub fn new(kind: Kind, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self::say(kind, Sentence::new(ko, en))
    }

    /// As [`Problem::new`], where the sentence is there already.
    #[must_use]
    pub fn say(kind: Kind, detail: Sentence) -> Self {
        let (errors, commands, retry_after, allow) = Default::default();
        Self(Box::new(Story { kind, detail, errors, commands, retry_after, allow }))
    }

    /// Everything that is wrong with a request, at once.
    #[must_use]
    pub fn invalid(errors: Vec<Violation>) -> Self {
        let sentences = |tongue| {
            let all: Vec<_> = errors.iter().map(|it| it.sentence.in_tongue(tongue)).collect();
            all.join(" ")
        };
        let detail = Sentence::new(sentences(Tongue::Korean), sentences(Tongue::English));
        let mut problem = Self::say(Kind::Invalid, detail);
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

    /// What is wrong, in general.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// As it is told of one row in a list of others.
    #[must_use]
    pub fn of_row(&self, number: u64, tongue: Tongue) -> Value {
        let Story { kind, detail, .. } = &*self.0;
        serde_json::json!({
            "id": number,
            "type": format!("/problems/{}", kind.name()),
            "title": kind.title(tongue),
            "detail": detail.in_tongue(tongue),
        })
    }

    /// The answer, in the language of whoever asked; `instance` is where.
    pub fn answer(self, tongue: Tongue, instance: &str) -> Response {
        let Story { kind, detail, errors, commands, retry_after, allow } = *self.0;
        let body = Said {
            kind: format!("/problems/{}", kind.name()),
            title: kind.title(tongue),
            status: kind.status().as_u16(),
            detail: detail.in_tongue(tongue),
            instance,
            errors: errors.into_iter().map(|it| it.json(tongue)).collect(),
            commands,
            retry_after,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = kind.status();
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

//! The few answers the edge gives itself, as problems in the language of the person who asked.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE};
use hyper::{HeaderMap, Response, StatusCode};

/// The two languages the edge can say no in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Korean,
    English,
}

impl Language {
    /// The one of the two that is wanted most; Korean where neither is asked for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let mut best = (Self::Korean, 0.0);
        for range in wanted.unwrap_or_default().split(',') {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            let language = match tag.trim().get(..2) {
                Some("ko") => Self::Korean,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// A problem before it is put into a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) korean: &'static str,
    pub(super) english: &'static str,
}

impl Problem {
    pub(super) fn answer(&self, language: Language) -> Response<Full<Bytes>> {
        let (title, tag) = match language {
            Language::Korean => (self.korean, "ko"),
            Language::English => (self.english, "en"),
        };
        let body = serde_json::json!({
            "status": self.status.as_u16(), "code": self.code, "title": title,
        });
        let mut answer = Response::new(Full::from(body.to_string()));
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, const { value("application/problem+json") });
        headers.insert(CONTENT_LANGUAGE, value(tag));
        answer
    }
}

pub(super) const CRASHED: Problem = Problem {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "unexpected",
    korean: "예기치 않은 오류가 발생했습니다.",
    english: "Something unexpected happened.",
};

pub(super) const BODY_TOO_SLOW: Problem = Problem {
    status: StatusCode::REQUEST_TIMEOUT,
    code: "body-too-slow",
    korean: "요청 본문이 너무 늦게 도착했습니다.",
    english: "The body of the request arrived too slowly.",
};

const fn value(text: &'static str) -> hyper::header::HeaderValue {
    hyper::header::HeaderValue::from_static(text)
}

//! Asking, without a socket.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Request},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A request to be.
pub struct Ask {
    router: Router,
    request: Request<Body>,
}

/// What came back.
pub struct Said {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What keeps coming back.
pub struct Stream {
    pub status: u16,
    body: Body,
    text: String,
}

impl Ask {
    pub fn of(router: &Router, method: &str, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        Self { router: router.clone(), request }.header("accept-language", "en")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request.headers_mut().insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }

    /// The same header once more.
    pub fn again(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request.headers_mut().append(name, value.parse().unwrap());
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, media: &str, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self.header("content-type", media)
    }

    pub async fn send(self) -> Said {
        let answer = self.router.oneshot(self.request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Said { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub async fn stream(self) -> Stream {
        let ask = self.header("accept", "text/event-stream");
        let answer = ask.router.oneshot(ask.request).await.unwrap();
        let status = answer.status().as_u16();
        Stream { status, body: answer.into_body(), text: String::new() }
    }
}

impl Said {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// A problem of this kind, with this status.
    #[track_caller]
    pub fn is_problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status);
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem
    }

    /// 400, and this field breaks this rule.
    #[track_caller]
    pub fn breaks(&self, field: &str, rule: &str) {
        let problem = self.is_problem(400, "invalid");
        let errors = problem["errors"].as_array().unwrap();
        let found = errors.iter().any(|it| it["field"] == field && it["rule"] == rule);
        assert!(found, "{field} should break {rule}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(field), "{problem}");
    }
}

impl Stream {
    /// The next message that says something: its id, its name, what it says.
    pub async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let lines = block.lines().filter_map(|line| line.split_once(": "));
                    let mut found =
                        lines.filter(|(it, _)| *it == name).map(|(_, it)| it.to_owned());
                    found.next()
                };
                if let (Some(id), Some(event), Some(data)) =
                    (field("id"), field("event"), field("data"))
                {
                    return Some((id, event, serde_json::from_str(&data).unwrap()));
                }
            }
            if !self.read().await {
                return None;
            }
        }
    }

    /// What was sent so far, after the next piece has come.
    pub async fn raw(&mut self) -> &str {
        self.read().await;
        &self.text
    }

    /// As [`Stream::raw`], however long it takes.
    pub async fn patient(&mut self) -> &str {
        let frame = self.body.frame().await.unwrap().unwrap();
        self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        &self.text
    }

    async fn read(&mut self) -> bool {
        let wait = std::time::Duration::from_secs(5);
        let frame = tokio::time::timeout(wait, self.body.frame()).await.expect("the stream hangs");
        let Some(frame) = frame else { return false };
        self.text.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
        true
    }
}

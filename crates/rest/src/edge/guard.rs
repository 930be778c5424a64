//! Stands around the service: refuses what is ambiguous, survives panics, says goodbye.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::{Request, Response, Version};
use tower::{BoxError, Service, ServiceExt};

use super::body::{AnswerBody, RequestBody, words};
use super::drain::Drain;
use super::flaw::Flaw;
use super::limits::{Limits, ms};
use super::problem::{BODY_TOO_SLOW, CRASHED, Language};
use super::pulse::Pulse;

/// What an edge can serve. An `axum::Router` is one.
pub trait Served<B>:
    Service<
        Request<RequestBody>,
        Response = Response<B>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
}

impl<S, B> Served<B> for S
where
    S: Service<
            Request<RequestBody>,
            Response = Response<B>,
            Error = Infallible,
            Future: Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
}

/// What every request of an edge is measured by.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) limits: Arc<Limits>,
    pub(super) drain: Drain,
}

type Answer<B> = Response<Either<B, Full<Bytes>>>;

/// Answers one request of one connection.
pub(super) async fn answer<S, B>(
    rules: Rules,
    pulse: Arc<Pulse>,
    service: S,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody<B>>, Infallible>
where
    S: Served<B>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let (in_work, framing) = pulse.request();
    let language = Language::of(request.headers());
    let lines = request.version() < Version::HTTP_2;
    let late = Arc::new(AtomicBool::new(false));
    let peer = pulse.peer();

    let flaw = framing.or_else(|| Flaw::of_host(&request));
    let mut answer = if let Some(flaw) = flaw {
        flaw.problem().answer(language).map(Either::Right)
    } else {
        let patience = ms(rules.limits.body_ms);
        let request = request.map(|body| RequestBody::new(body, patience, late.clone(), peer));
        serve(service, request, language).await
    };
    let late = late.load(Ordering::Relaxed);
    if late {
        answer = BODY_TOO_SLOW.answer(language).map(Either::Right);
    }
    // HTTP/2 says goodbye with a frame of its own, when its connection closes.
    if lines && (flaw.is_some() || late || rules.drain.is_draining()) {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer.map(|inner| AnswerBody { inner, _in_work: in_work }))
}

/// The answer of the service; that of a service that panics is a problem without details.
async fn serve<S, B>(service: S, request: Request<RequestBody>, language: Language) -> Answer<B>
where
    S: Served<B>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    match AssertUnwindSafe(service.oneshot(request)).catch_unwind().await {
        Ok(Ok(answer)) => answer.map(Either::Left),
        Ok(Err(never)) => match never {},
        Err(panic) => {
            tracing::error!(%method, path, panic = words(&*panic), "a request panicked");
            CRASHED.answer(language).map(Either::Right)
        }
    }
}

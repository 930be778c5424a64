//! Live views: rows as they change, for as long as somebody looks.

mod feed;
mod message;

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use futures_util::stream;
use kernel::Projection;

use self::feed::Feed;
pub use self::message::Message;
use crate::{
    answer, call::Call, freshness, front::Front, problem::Problem, resources, table::Resource,
};

/// How long a stream is silent at the most.
pub const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Every change of a list: from now on, or since a listener was here last.
///
/// # Errors
///
/// When the list cannot be read.
pub async fn list(
    front: &Arc<Front>,
    call: &Call,
    resource: Resource,
    view: &Projection,
) -> Result<Response, Problem> {
    let since = since(front, call)?;
    let mut feed = Feed::of(front, call, resource, view)?;
    match since {
        Some(since) => feed.catch_up(&since).await?,
        None => feed.begin().await?,
    }
    Ok(streamed(feed, Feed::next))
}

/// One row as it is, and then every change of it.
///
/// # Errors
///
/// When it is not there, or the door stays shut.
pub fn row(
    front: &Arc<Front>,
    call: &Call,
    resource: Resource,
    (view, number): (&Projection, u64),
) -> Result<Response, Problem> {
    since(front, call)?;
    // Whoever listens first and then looks misses nothing.
    let mut feed = Feed::of(front, call, resource, view)?.only(number);
    let shown = resources::opened(front, call, resource, (view, number))?;
    feed.show(number, &shown.row)?;
    Ok(streamed(feed, Feed::next))
}

/// Where a listener was who was here before.
fn since(front: &Front, call: &Call) -> Result<Option<freshness::Positions>, Problem> {
    const FIELD: &str = "Last-Event-ID";
    let text = call.header(FIELD)?.filter(|text| !text.is_empty());
    text.map(|text| freshness::read(&front.rest.runtime, FIELD, text)).transpose()
}

/// A stream of whatever comes next, until nothing does.
pub fn streamed<F, N>(from: F, next: fn(F) -> N) -> Response
where
    F: Send + 'static,
    N: Future<Output = Option<(String, F)>> + Send + 'static,
{
    let next = move |from| {
        let next = next(from);
        async move { next.await.map(|(text, from)| (Ok::<_, Infallible>(text), from)) }
    };
    let body = Body::from_stream(stream::unfold(from, next));
    let mut answer = answer::never_kept(answer::of("text/event-stream", body));
    answer::put(&mut answer, "x-accel-buffering", "no");
    answer
}

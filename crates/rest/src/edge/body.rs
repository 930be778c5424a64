//! Bodies with a watch on them: requests that must arrive in time, answers that keep the count.

use std::any::Any;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;
use tower::BoxError;

use super::pulse::InWork;

/// The body of a request as the service sees it: it ends with an error if it comes too slowly.
#[derive(Debug)]
pub struct RequestBody {
    inner: Incoming,
    patience: Duration,
    /// Runs from the first time that the service had to wait.
    deadline: Option<Pin<Box<Sleep>>>,
    late: Arc<AtomicBool>,
    peer: SocketAddr,
}

/// Why the body of a request ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the body of the request arrived too slowly")]
    TooSlow,
    #[error("the body of the request was broken off")]
    Broken(#[from] hyper::Error),
}

impl RequestBody {
    /// `late` becomes true when the body was too slow, whatever the service makes of the error.
    pub(super) fn new(
        inner: Incoming,
        patience: Duration,
        late: Arc<AtomicBool>,
        peer: SocketAddr,
    ) -> Self {
        Self { inner, patience, deadline: None, late, peer }
    }

    /// Who is at the other end of the connection.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)));
        }
        let patience = self.patience;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(deadline.as_mut().poll(cx));
        self.late.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(BodyError::TooSlow)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of an answer; its request is in work until it is dropped.
#[derive(Debug)]
pub(super) struct AnswerBody<B> {
    pub(super) inner: Either<B, Full<Bytes>>,
    pub(super) _in_work: InWork,
}

impl<B> Body for AnswerBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let inner = Pin::new(&mut self.inner);
        // The head of the answer is gone, so a panic can only break the connection off.
        catch_unwind(AssertUnwindSafe(|| inner.poll_frame(cx))).unwrap_or_else(|panic| {
            tracing::error!(panic = words(&*panic), "the body of an answer panicked");
            Poll::Ready(Some(Err("the body of the answer panicked".into())))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// What a panic said.
pub(super) fn words(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words")
}

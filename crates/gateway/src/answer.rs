//! The body of an answer on its way back; while it is, its request is in work.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Either;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tower::BoxError;

use crate::{
    replica::{Place, Replica},
    wire::Wire,
};

/// The body of any answer: a replica's, or our own.
pub type Said = Either<Carried, axum::body::Body>;

/// The body of a replica's answer.
pub struct Carried {
    incoming: Incoming,
    /// Until it can be used for another request.
    wire: Option<Wire>,
    replica: Arc<Replica>,
    until: Until,
    /// Runs from the first time that there was nothing to pass on.
    clock: Option<Pin<Box<Sleep>>>,
    place: Option<Place>,
}

/// How long an answer may go on.
pub enum Until {
    /// Its last byte must be there by then.
    Time(Instant),
    /// As long as it likes; it has no end of its own, and ends well when this comes.
    End(Pin<Box<dyn Future<Output = ()> + Send>>),
}

impl Carried {
    /// The body of an answer that comes by this wire.
    pub fn new(incoming: Incoming, wire: Wire, replica: Arc<Replica>, until: Until) -> Self {
        Self { incoming, wire: Some(wire), replica, until, clock: None, place: None }
    }

    /// Its request has this place until it is through.
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// What there is to pass on. What the wire brings is looked for twice: before it is asked
    /// for, a wire brings nothing.
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        for _ in 0..2 {
            if let Some(wire) = &mut self.wire {
                wire.carry(cx);
            }
            if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
                return Poll::Ready(frame);
            }
        }
        Poll::Pending
    }

    fn through(&mut self) {
        self.place = None;
        if let Some(wire) = self.wire.take() {
            self.replica.rest(wire);
        }
    }
}

impl Body for Carried {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            match this.next(cx) {
                // Trailers go no further.
                Poll::Ready(Some(Ok(frame))) if !frame.is_data() => {}
                Poll::Ready(Some(Ok(frame))) => return Poll::Ready(Some(Ok(frame))),
                Poll::Ready(Some(Err(error))) => {
                    this.wire = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(None) => {
                    this.through();
                    return Poll::Ready(None);
                }
                Poll::Pending => break,
            }
        }
        match &mut this.until {
            Until::End(end) => end.as_mut().poll(cx).map(|()| None),
            Until::Time(time) => {
                let time = *time;
                let clock = this.clock.get_or_insert_with(|| Box::pin(sleep_until(time)));
                clock.as_mut().poll(cx).map(|()| Some(Err("the answer did not end in time".into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        // Whoever knows its length does not ask for its end.
        if self.incoming.is_end_stream() {
            self.through();
        }
    }
}

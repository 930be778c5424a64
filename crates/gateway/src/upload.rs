//! The body of a request on its way: passed on as it comes, and kept, so that a second attempt
//! can begin anew.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::Mutex;
use rest::edge::body::{BodyError, RequestBody};

/// One attempt to send the body of a request.
pub struct Upload {
    kept: Option<Arc<Mutex<Kept>>>,
    /// How many pieces this attempt has sent.
    sent: usize,
}

/// Why a body is not sent to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is larger than it may be.
    TooLarge,
    /// It did not arrive in full, or not in time.
    BrokenOff,
}

struct Kept {
    body: RequestBody,
    /// In bytes, where it is known before.
    length: Option<u64>,
    most: u64,
    bytes: u64,
    pieces: Vec<Bytes>,
    ended: bool,
    flaw: Option<Flaw>,
}

/// The body was not sent to its end; [`Upload::flaw`] says why.
#[derive(Debug)]
pub struct NotWhole;

impl std::error::Error for NotWhole {}

impl std::fmt::Display for NotWhole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body of the request did not arrive as it should")
    }
}

impl Upload {
    /// Nothing.
    pub fn empty() -> Self {
        Self { kept: None, sent: 0 }
    }

    /// This body, if it has at the most so many bytes.
    ///
    /// # Errors
    ///
    /// When it says of itself that it has more.
    pub fn of(body: RequestBody, most: u64) -> Result<Self, Flaw> {
        if body.is_end_stream() {
            return Ok(Self::empty());
        }
        let size = body.size_hint();
        if size.lower() > most {
            return Err(Flaw::TooLarge);
        }
        let (length, pieces) = (size.exact(), Vec::new());
        let kept = Kept { body, length, most, bytes: 0, pieces, ended: false, flaw: None };
        Ok(Self { kept: Some(Arc::new(Mutex::new(kept))), sent: 0 })
    }

    /// The same from its beginning.
    pub fn again(&self) -> Self {
        Self { kept: self.kept.clone(), sent: 0 }
    }

    /// Whether all of it has arrived.
    pub fn is_whole(&self) -> bool {
        self.kept.as_ref().is_none_or(|it| it.lock().ended)
    }

    /// What is wrong with it, as far as it has come.
    pub fn flaw(&self) -> Option<Flaw> {
        self.kept.as_ref().and_then(|it| it.lock().flaw)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = NotWhole;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotWhole>>> {
        let Some(kept) = self.kept.clone() else { return Poll::Ready(None) };
        let mut kept = kept.lock();
        while kept.pieces.len() <= self.sent {
            if kept.flaw.is_some() {
                return Poll::Ready(Some(Err(NotWhole)));
            }
            if kept.ended {
                return Poll::Ready(None);
            }
            match Pin::new(&mut kept.body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => kept.take(frame),
            }
        }
        let piece = kept.pieces[self.sent].clone();
        self.sent += 1;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.kept.as_ref().is_none_or(|it| {
            let kept = it.lock();
            kept.ended && kept.flaw.is_none() && kept.pieces.len() == self.sent
        })
    }

    fn size_hint(&self) -> SizeHint {
        match self.kept.as_ref().map(|it| it.lock().length) {
            None => SizeHint::with_exact(0),
            Some(Some(length)) if self.sent == 0 => SizeHint::with_exact(length),
            Some(_) => SizeHint::new(),
        }
    }
}

impl Kept {
    /// Trailers go no further: nothing may follow a body that was checked.
    fn take(&mut self, frame: Option<Result<Frame<Bytes>, BodyError>>) {
        match frame {
            Some(Ok(frame)) => {
                let Ok(piece) = frame.into_data() else { return };
                self.bytes += piece.len() as u64;
                if self.bytes > self.most {
                    self.flaw = Some(Flaw::TooLarge);
                } else {
                    self.pieces.push(piece);
                    self.ended = self.body.is_end_stream();
                }
            }
            Some(Err(_)) => self.flaw = Some(Flaw::BrokenOff),
            None => self.ended = true,
        }
    }
}

//! A socket that tells what passes over it, and that closes without losing the last answer.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::pulse::Pulse;

/// One accepted connection.
#[derive(Debug)]
pub(super) struct Wire {
    socket: TcpStream,
    pulse: Arc<Pulse>,
    linger: Duration,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(super) fn new(socket: TcpStream, pulse: Arc<Pulse>, linger: Duration) -> Self {
        Self { socket, pulse, linger, lingering: None }
    }

    fn written(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.pulse.wrote(outcome.is_ready());
        outcome
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(pin!(&mut self.socket).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.pulse.read(&buffer.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = pin!(&mut self.socket).poll_write(cx, bytes);
        self.written(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = pin!(&mut self.socket).poll_write_vectored(cx, pieces);
        self.written(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut self.socket).poll_flush(cx)
    }

    /// Ends our side, then reads and forgets until the peer ends its side: closing a socket that
    /// holds unread bytes resets it, and a reset may overtake the answer.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(pin!(&mut this.socket).poll_shutdown(cx))?;
        }
        let linger = this.linger;
        let end = this.lingering.get_or_insert_with(|| Box::pin(tokio::time::sleep(linger)));
        if end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut scratch = [0; 4 * 1024];
        loop {
            let mut forgotten = ReadBuf::new(&mut scratch);
            let outcome = ready!(pin!(&mut this.socket).poll_read(cx, &mut forgotten));
            if outcome.is_err() || forgotten.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

//! Serves one connection from its first byte to its last.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Body;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tower::BoxError;

use super::drain::Stage;
use super::guard::{Rules, Served, answer};
use super::limits::{Limits, ms};
use super::pulse::{Pulse, Verdict};
use super::wire::Wire;

/// The smallest buffer that the parser agrees to work with.
const HEADER_BYTES_MIN: usize = 8 * 1024;

/// Both protocols, with the limits that the parsers know themselves.
pub(super) fn protocols(limits: &Limits) -> Builder<TokioExecutor> {
    let header_bytes_max = limits.header_bytes_max.max(HEADER_BYTES_MIN);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Its clock runs also while the connection rests; ours is the finer one.
        .header_read_timeout(ms(limits.idle_ms + limits.header_ms))
        .max_buf_size(header_bytes_max);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(ms(limits.write_ms))
        .keep_alive_timeout(ms(limits.header_ms))
        .max_concurrent_streams(limits.streams_max)
        .max_header_list_size(u32::try_from(header_bytes_max).unwrap_or(u32::MAX));
    builder
}

/// Ends when the peer or we have closed the connection.
pub(super) async fn serve<S, B>(
    socket: TcpStream,
    pulse: Arc<Pulse>,
    protocols: Arc<Builder<TokioExecutor>>,
    rules: Rules,
    service: S,
) where
    S: Served<B>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    if !speaks(&socket, &pulse, &rules).await {
        return;
    }
    let wire = Wire::new(socket, pulse.clone(), ms(rules.limits.linger_ms));
    let service =
        service_fn(|request| answer(rules.clone(), pulse.clone(), service.clone(), request));
    let mut connection = pin!(protocols.serve_connection(TokioIo::new(wire), service));
    let mut clock = pin!(sleep_until(pulse.due()));
    let mut leaving = false;
    loop {
        let stage = if leaving { Stage::Ended } else { Stage::Closing };
        tokio::select! {
            biased;
            outcome = connection.as_mut() => {
                if let Err(error) = outcome {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            verdict = poll_fn(|cx| overdue(&pulse, clock.as_mut(), cx)) => {
                if verdict == Verdict::Cut {
                    return;
                }
            }
            () = rules.drain.reached(stage) => {
                if leaving {
                    return;
                }
            }
            () = pulse.unwanted() => {
                if !pulse.is_at_work() {
                    return;
                }
            }
        }
        if !leaving {
            connection.as_mut().graceful_shutdown();
            pulse.leave();
            leaving = true;
        }
    }
}

/// Whether a first byte comes in time. A connection that is silent costs no buffers until then.
async fn speaks(socket: &TcpStream, pulse: &Pulse, rules: &Rules) -> bool {
    tokio::select! {
        biased;
        first = timeout(ms(rules.limits.header_ms), socket.readable()) => {
            first.is_ok_and(|readable| readable.is_ok())
        }
        () = rules.drain.reached(Stage::Closing) => false,
        () = pulse.unwanted() => false,
    }
}

/// Pending until the time of the connection is over. To be polled after the connection, whose
/// work may have brought the end nearer; an end that went further away is seen when it comes.
fn overdue(pulse: &Pulse, mut clock: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<Verdict> {
    let due = pulse.due();
    if due < clock.deadline() {
        clock.as_mut().reset(due);
    }
    while clock.as_mut().poll(cx).is_ready() {
        let verdict = pulse.verdict();
        if verdict != Verdict::Patience {
            return Poll::Ready(verdict);
        }
        clock.as_mut().reset(pulse.due().max(Instant::now() + ms(1)));
    }
    Poll::Pending
}

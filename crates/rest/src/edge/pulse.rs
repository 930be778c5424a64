//! What one connection is doing, since when, and until when it may.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::flaw::Flaw;
use super::limits::{Limits, ms};
use super::seats::Seat;
use super::witness::Witness;

/// The state that the socket, the requests and the task of one connection share.
#[derive(Debug)]
pub(super) struct Pulse {
    limits: Arc<Limits>,
    seat: Seat,
    peer: SocketAddr,
    beat: Mutex<Beat>,
}

#[derive(Debug)]
struct Beat {
    phase: Phase,
    since: Instant,
    /// Since when the peer has taken nothing of what we want to write.
    stalled_since: Option<Instant>,
    requests: u64,
    in_work: usize,
    leaving: bool,
    witness: Witness,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A head is arriving, or the first one is still awaited.
    Head,
    Work,
    Rest,
}

/// What to do with a connection whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Patience,
    /// It rests: say goodbye.
    Close,
    /// It is too slow, or did not leave when asked.
    Cut,
}

/// One request in work; dropped when the last byte of its answer was handed over.
#[derive(Debug)]
pub(super) struct InWork(Arc<Pulse>);

impl Pulse {
    pub(super) fn new(limits: Arc<Limits>, seat: Seat, peer: SocketAddr) -> Arc<Self> {
        let beat = Beat {
            phase: Phase::Head,
            since: Instant::now(),
            stalled_since: None,
            requests: 0,
            in_work: 0,
            leaving: false,
            witness: Witness::new(limits.header_bytes_max),
        };
        Arc::new(Self { limits, seat, peer, beat: Mutex::new(beat) })
    }

    /// Who is at the other end.
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Waits until someone else needs the seat more.
    pub(super) async fn unwanted(&self) {
        self.seat.lost().await;
    }

    pub(super) fn is_at_work(&self) -> bool {
        self.beat.lock().phase == Phase::Work
    }

    pub(super) fn read(&self, bytes: &[u8]) {
        let mut beat = self.beat.lock();
        let frames_before = beat.witness.sees_frames();
        beat.witness.read(bytes);
        // Frames may come at any time, so that only a request in work tells rest from work.
        match (beat.phase, beat.witness.sees_frames()) {
            (Phase::Rest, false) => beat.enter(Phase::Head),
            (Phase::Head, true) if !frames_before => beat.enter(Phase::Rest),
            _ => {}
        }
    }

    /// Notes whether the peer takes what we write.
    pub(super) fn wrote(&self, taken: bool) {
        let mut beat = self.beat.lock();
        match (taken, beat.stalled_since) {
            (true, _) => beat.stalled_since = None,
            (false, None) => beat.stalled_since = Some(Instant::now()),
            (false, Some(_)) => {}
        }
    }

    /// A request has arrived; says also what is wrong with its framing.
    pub(super) fn request(self: &Arc<Self>) -> (InWork, Option<Flaw>) {
        let mut beat = self.beat.lock();
        beat.requests += 1;
        beat.in_work += 1;
        beat.enter(Phase::Work);
        if beat.in_work == 1 {
            self.seat.set_quiet(false);
        }
        let framed = !beat.witness.sees_frames();
        let flaw = framed.then(|| beat.witness.flaw_of(beat.requests)).flatten();
        drop(beat);
        (InWork(self.clone()), flaw)
    }

    /// Notes that the connection was asked to close as soon as it has nothing in work.
    pub(super) fn leave(&self) {
        let mut beat = self.beat.lock();
        beat.leaving = true;
        if beat.phase != Phase::Work {
            beat.since = Instant::now();
        }
    }

    /// When to look at the connection again.
    pub(super) fn due(&self) -> Instant {
        let beat = self.beat.lock();
        let phase_ends = match (beat.phase, beat.leaving) {
            // How long work takes is for the service to say.
            (Phase::Work, _) => Instant::now() + ms(self.limits.idle_ms),
            (_, true) => beat.since + self.goodbye(),
            (Phase::Head, false) => beat.since + ms(self.limits.header_ms),
            (Phase::Rest, false) => beat.since + ms(self.limits.idle_ms),
        };
        let write_ends = beat.stalled_since.map(|since| since + ms(self.limits.write_ms));
        write_ends.map_or(phase_ends, |end| end.min(phase_ends))
    }

    /// What the time that has passed means.
    pub(super) fn verdict(&self) -> Verdict {
        if self.due() > Instant::now() {
            return Verdict::Patience;
        }
        let beat = self.beat.lock();
        let rests = beat.phase == Phase::Rest && beat.stalled_since.is_none();
        if rests && !beat.leaving { Verdict::Close } else { Verdict::Cut }
    }

    /// Longer than the socket lingers, so that lingering ends by itself.
    fn goodbye(&self) -> Duration {
        ms(self.limits.linger_ms) * 2
    }
}

impl Beat {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

impl Drop for InWork {
    fn drop(&mut self) {
        let mut beat = self.0.beat.lock();
        beat.in_work -= 1;
        if beat.in_work == 0 {
            beat.enter(Phase::Rest);
            self.0.seat.set_quiet(true);
        }
    }
}

//! How often one may knock at a database that does not answer.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The first pause after a connection could not be made, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Lets through one at a time while the database does not answer, after pauses
/// that grow and are never the same for two; and never more in a second than
/// twice as many as there are connections.
#[derive(Debug)]
pub struct Gate {
    most: usize,
    failures: u32,
    closed_until: Option<Instant>,
    lately: VecDeque<Instant>,
}

impl Gate {
    /// For so many connections.
    pub fn of(connections: usize) -> Self {
        let most = connections.saturating_mul(2).max(1);
        Self { most, failures: 0, closed_until: None, lately: VecDeque::new() }
    }

    /// Whether to try now; `chance` is between 0 and 1.
    pub fn enter(&mut self, now: Instant, chance: f64) -> bool {
        while self
            .lately
            .front()
            .is_some_and(|it| now.duration_since(*it) >= Duration::from_secs(1))
        {
            self.lately.pop_front();
        }
        let is_closed = self.closed_until.is_some_and(|until| now < until);
        if is_closed || self.lately.len() >= self.most {
            return false;
        }
        self.lately.push_back(now);
        if self.failures > 0 {
            // Others need not try as long as it is not known how this one ends.
            self.close(now, chance);
        }
        true
    }

    /// It was tried in vain.
    pub fn failed(&mut self, now: Instant, chance: f64) {
        self.failures = self.failures.saturating_add(1);
        self.close(now, chance);
    }

    /// There is a connection.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.closed_until = None;
    }

    fn close(&mut self, now: Instant, chance: f64) {
        let pause = PAUSES.0.saturating_mul(1 << self.failures.min(10)).min(PAUSES.1);
        self.closed_until = Some(now + pause.mul_f64(0.5 + 0.5 * chance));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_left_alone_for_longer_and_longer() {
        let (mut gate, begun) = (Gate::of(5), Instant::now());
        let mut tries = Vec::new();
        for ms in 0..10_000 {
            let now = begun + Duration::from_millis(ms);
            if gate.enter(now, 1.0) {
                tries.push(ms);
                gate.failed(now, 1.0);
            }
        }
        assert_eq!(tries[..6], [0, 100, 300, 700, 1500, 2500]);
        gate.succeeded();
        assert!(gate.enter(begun + Duration::from_secs(10), 1.0));
    }

    #[test]
    fn many_that_lost_their_connection_do_not_come_all_at_once() {
        let (mut gate, begun) = (Gate::of(3), Instant::now());
        let mut tries = Vec::new();
        for ms in 0..3000 {
            if gate.enter(begun + Duration::from_millis(ms), 0.5) {
                tries.push(ms);
                gate.succeeded();
            }
        }
        assert!(tries.windows(7).all(|it| it[6] - it[0] >= 1000), "{tries:?}");
    }
}

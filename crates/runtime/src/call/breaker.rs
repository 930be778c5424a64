//! A circuit breaker: who fails is left alone for a while.
//!
//! It is a machine without clock or chance of its own. Defaults after the
//! pitfalls of the published ones: enough calls before it judges, few probes at
//! a time, an open time that is spread so that callers do not come back together.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::mutant;

/// How many calls it judges by.
const WINDOW: usize = 20;
/// It opens when so many of them failed.
const FAILURES: usize = 10;
/// How long it stays open, less or more by a fifth.
const OPEN: Duration = Duration::from_secs(5);
/// How many calls may try whether all is well again; so many must succeed.
const PROBES: u32 = 3;

/// A circuit breaker for one target.
#[derive(Debug)]
pub struct Breaker {
    window: VecDeque<bool>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { trying: u32, succeeded: u32 },
}

/// How a breaker stands, for those who look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Calls go through.
    Closed,
    /// Calls fail at once.
    Open,
    /// A few calls try.
    HalfOpen,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { window: VecDeque::with_capacity(WINDOW), state: State::Closed }
    }
}

impl Breaker {
    /// Lets a call through, or says how long it stays open.
    ///
    /// # Errors
    ///
    /// When it is open, or enough others try.
    pub fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match &mut self.state {
            State::Closed => Ok(()),
            State::Open { until } if now < *until || mutant::BREAKER_NEVER_TRIES.is_planted() => {
                Err(*until - now)
            }
            State::Open { .. } => {
                self.state = State::HalfOpen { trying: 1, succeeded: 0 };
                Ok(())
            }
            State::HalfOpen { trying, .. } if *trying < PROBES => {
                *trying += 1;
                Ok(())
            }
            State::HalfOpen { .. } => Err(Duration::from_secs(1)),
        }
    }

    /// A call that was let through has ended. `spread` is a number below 1000
    /// drawn at random.
    pub fn ended(&mut self, well: bool, now: Instant, spread: u32) {
        match &mut self.state {
            State::Closed => {
                if self.window.len() == WINDOW {
                    self.window.pop_front();
                }
                self.window.push_back(well);
                if self.window.iter().filter(|well| !**well).count() >= FAILURES
                    && self.window.len() == WINDOW
                {
                    self.open(now, spread);
                }
            }
            State::HalfOpen { trying, succeeded } => {
                *trying = trying.saturating_sub(1);
                if !well {
                    self.open(now, spread);
                    return;
                }
                *succeeded += 1;
                if *succeeded >= PROBES {
                    *self = Self::default();
                }
            }
            State::Open { .. } => {} // a call from before it opened
        }
    }

    /// A call that was let through was given up by its caller: it says nothing
    /// about the target, but makes room for another probe.
    pub fn given_up(&mut self) {
        if let State::HalfOpen { trying, .. } = &mut self.state {
            *trying = trying.saturating_sub(1);
        }
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.state {
            State::Closed => Standing::Closed,
            State::Open { .. } => Standing::Open,
            State::HalfOpen { .. } => Standing::HalfOpen,
        }
    }

    fn open(&mut self, now: Instant, spread: u32) {
        let share = 800 + spread.min(999) * 400 / 1000;
        self.window.clear();
        self.state = State::Open { until: now + OPEN * share / 1000 };
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, Duration, Instant, PROBES, Standing, WINDOW};

    #[test]
    fn it_judges_only_by_enough_calls() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        for _ in 1..WINDOW {
            breaker.admit(now).unwrap();
            breaker.ended(false, now, 0);
        }
        assert_eq!(breaker.standing(), Standing::Closed);
        breaker.ended(false, now, 0);
        assert_eq!(breaker.standing(), Standing::Open);
        assert_eq!(breaker.admit(now), Err(Duration::from_secs(4)));
    }

    #[test]
    fn few_try_whether_all_is_well_again_and_then_it_closes() {
        let (mut breaker, later) = opened();
        for _ in 0..PROBES {
            breaker.admit(later).unwrap();
        }
        assert!(breaker.admit(later).is_err(), "no more than the probes");
        for _ in 0..PROBES {
            assert_eq!(breaker.standing(), Standing::HalfOpen);
            breaker.ended(true, later, 0);
        }
        assert_eq!(breaker.standing(), Standing::Closed);
    }

    #[test]
    fn a_probe_that_fails_opens_it_again() {
        let (mut breaker, later) = opened();
        breaker.admit(later).unwrap();
        breaker.ended(false, later, 999);
        assert_eq!(breaker.standing(), Standing::Open);
        assert!(breaker.admit(later).unwrap_err() > Duration::from_secs(5));
    }

    #[test]
    fn a_probe_that_was_given_up_makes_room_for_another() {
        let (mut breaker, later) = opened();
        for _ in 0..PROBES {
            breaker.admit(later).unwrap();
        }
        breaker.given_up();
        assert!(breaker.admit(later).is_ok());
    }

    fn opened() -> (Breaker, Instant) {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..WINDOW {
            breaker.ended(false, now, 500);
        }
        (breaker, now + Duration::from_secs(7))
    }
}

//! How patient the runtime is.

use std::time::Duration;

/// The largest event that is written, and that is delivered: the length of its
/// body in bytes.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;

/// How patient the runtime is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a question to another context may take.
    pub question: Duration,
    /// How long a call to an outside system may take; after it the outcome is unknown.
    pub outside: Duration,
    /// How many questions to one context run at the same time.
    pub questions_at_once: usize,
    /// How many calls to one outside system run at the same time.
    pub outside_at_once: usize,
    /// How many events a subscription takes in one go.
    pub batch: usize,
    /// How often a delivery is tried that fails by its own fault.
    pub attempts: u32,
    /// The wait after a first failure; it doubles with each.
    pub backoff: Duration,
    /// The longest wait between two attempts.
    pub backoff_max: Duration,
    /// Where several processes write to one database: how long a lease lasts
    /// that is not renewed, and so how long a subscription rests at the most
    /// when its process dies.
    pub lease: Duration,
    /// There too: how often to look what the others did.
    pub follow: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            question: Duration::from_millis(500),
            outside: Duration::from_secs(1),
            questions_at_once: 64,
            outside_at_once: 64,
            batch: 256,
            attempts: 5,
            backoff: Duration::from_millis(100),
            backoff_max: Duration::from_secs(5),
            lease: Duration::from_secs(6),
            follow: Duration::from_millis(100),
        }
    }
}

impl Settings {
    /// The wait before the next attempt: exponential, with jitter over its
    /// upper half, so that many who failed together do not come back together.
    #[must_use]
    pub fn wait_after(&self, attempts: u32, chance: u128) -> Duration {
        let doubled = self.backoff.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        let most = doubled.min(self.backoff_max);
        let share = u32::try_from(chance % 500).unwrap_or(0);
        most.saturating_mul(500 + share) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Settings};

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_never_below_half() {
        let settings = Settings::default();
        assert_eq!(settings.wait_after(1, 0), Duration::from_millis(50));
        assert_eq!(settings.wait_after(2, 0), Duration::from_millis(100));
        assert_eq!(settings.wait_after(40, 0), settings.backoff_max / 2);
        assert!(settings.wait_after(40, 499) <= settings.backoff_max);
    }
}

//! Time and chance as this machine has them.

use std::time::{SystemTime, UNIX_EPOCH};

use kernel::Time;
use runtime::ports::{Chance, Clock};

/// The clock of this machine.
pub struct SystemClock;

/// The chance of this machine.
pub struct OsChance;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        // Before 1970 there is no business.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Chance for OsChance {
    fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system has random bits");
        u128::from_ne_bytes(bytes)
    }
}

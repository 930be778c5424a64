//! Calls to somebody else: within a deadline, few at a time, not while the
//! other fails, and repeated only within a budget.

mod breaker;
mod budget;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

use crate::{
    Failure,
    ports::{Chance, Pending},
};

pub use breaker::{Breaker, Standing};
pub use budget::Budget;

/// How many may wait for a free place, for each one that has a place.
const QUEUE: usize = 16;

/// The calls to each target.
pub struct Calls {
    targets: BTreeMap<&'static str, Target>,
    chance: Arc<dyn Chance>,
}

struct Target {
    places: Semaphore,
    at_once: usize,
    waiting: Mutex<usize>,
    breaker: Mutex<Breaker>,
    budget: Mutex<Budget>,
}

/// How the calls to one target stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Whom they go to.
    pub to: &'static str,
    /// How its breaker stands.
    pub breaker: Standing,
    /// How many are under way.
    pub under_way: usize,
    /// How many wait for a place.
    pub waiting: usize,
}

impl Calls {
    /// So many at once to each of these.
    pub fn to(names: impl Iterator<Item = (&'static str, usize)>, chance: Arc<dyn Chance>) -> Self {
        let target = |(name, at_once)| {
            let (waiting, breaker, budget) = Default::default();
            (name, Target { places: Semaphore::new(at_once), at_once, waiting, breaker, budget })
        };
        Self { targets: names.map(target).collect(), chance }
    }

    /// How the calls to everyone stand.
    pub fn traffic(&self) -> Vec<Traffic> {
        let traffic = |(to, target): (&&'static str, &Target)| Traffic {
            to,
            breaker: target.breaker.lock().standing(),
            under_way: target.at_once - target.places.available_permits(),
            waiting: *target.waiting.lock(),
        };
        self.targets.iter().map(traffic).collect()
    }

    /// Calls, and calls once more when that may help and the budget allows it.
    pub async fn call_again<'a, T>(
        &self,
        to: &str,
        deadline: Instant,
        call: impl Fn() -> Pending<'a, Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let first = self.call(to, deadline, call()).await;
        let Some(target) = self.targets.get(to) else { return first };
        target.budget.lock().earn();
        match first {
            Err(Failure::Unavailable { .. })
                if Instant::now() < deadline && target.budget.lock().spend() =>
            {
                self.call(to, deadline, call()).await
            }
            first => first,
        }
    }

    /// Calls once.
    pub async fn call<T>(
        &self,
        to: &str,
        deadline: Instant,
        call: Pending<'_, Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some(target) = self.targets.get(to) else {
            return Err(Failure::unavailable(to, "nobody knows where it is"));
        };
        target.admit(to)?;
        let probe = Probe { breaker: &target.breaker, settled: false };
        let place = target.place(to, deadline).await?;
        let result = match timeout_at(deadline, call).await {
            Ok(result) => result,
            Err(_) => Err(Failure::unavailable(to, "no answer in time")),
        };
        drop(place);
        let well = !matches!(result, Err(Failure::Unavailable { .. }));
        let spread = u32::try_from(self.chance.bits() % 1000).unwrap_or(0);
        probe.ended(well, spread);
        result
    }
}

/// A call that the breaker let through. Dropped before its end, it says nothing.
struct Probe<'a> {
    breaker: &'a Mutex<Breaker>,
    settled: bool,
}

impl Probe<'_> {
    fn ended(mut self, well: bool, spread: u32) {
        self.breaker.lock().ended(well, Instant::now(), spread);
        self.settled = true;
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.lock().given_up();
        }
    }
}

impl Target {
    fn admit(&self, name: &str) -> Result<(), Failure> {
        self.breaker.lock().admit(Instant::now()).map_err(|again| Failure::Unavailable {
            who: name.to_owned(),
            why: "it has failed too often lately".into(),
            again: again.max(Duration::from_secs(1)),
        })
    }

    /// A place at the target, waited for until the deadline, if not too many wait.
    async fn place(&self, name: &str, deadline: Instant) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _queued = Queued::enter(&self.waiting, self.at_once * QUEUE)
            .ok_or_else(|| Failure::unavailable(name, "too many wait for it"))?;
        match timeout_at(deadline, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Failure::unavailable(name, "no place in time")),
        }
    }
}

/// One in a bounded queue.
struct Queued<'a>(&'a Mutex<usize>);

impl<'a> Queued<'a> {
    fn enter(waiting: &'a Mutex<usize>, most: usize) -> Option<Self> {
        let mut count = waiting.lock();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Self(waiting))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

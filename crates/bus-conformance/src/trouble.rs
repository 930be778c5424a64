//! A way to a bus on which what is said comes twice, in another order, or not
//! at all.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use kernel::Event;
use runtime::{
    Failure,
    ports::{Bus, Heard, Pending},
};
use tokio::sync::mpsc::{Receiver, channel};

/// How far apart what comes in another order may be.
const APART: usize = 7;

/// A way to a bus on which much goes wrong.
pub struct Trouble {
    way: Arc<dyn Bus>,
    /// How often something went wrong.
    times: Arc<AtomicU64>,
}

impl Trouble {
    /// On this way.
    #[must_use]
    pub fn on(way: Arc<dyn Bus>) -> Arc<Self> {
        Arc::new(Self { way, times: Arc::default() })
    }

    /// How often something went wrong.
    #[must_use]
    pub fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }
}

impl Bus for Trouble {
    fn publish<'a>(&'a self, events: &'a [Event]) -> Pending<'a, Result<usize, Failure>> {
        self.way.publish(events)
    }

    fn follow(&self, context: &'static str) -> Result<Receiver<Heard>, Failure> {
        let mut heard = self.way.follow(context)?;
        let (queue, troubled) = channel(64);
        let times = Arc::clone(&self.times);
        tokio::spawn(async move {
            let mut kept = Vec::new();
            let mut count = 0_usize;
            while let Some(what) = heard.recv().await {
                let Heard::Event(event) = what else {
                    drop(queue.send(Heard::Gap).await);
                    continue;
                };
                count += 1;
                if count.is_multiple_of(5) {
                    times.fetch_add(1, Ordering::Relaxed);
                    continue; // it is lost
                }
                kept.push(event);
                if kept.len() < APART && !count.is_multiple_of(3) {
                    continue;
                }
                times.fetch_add(1, Ordering::Relaxed);
                for event in kept.drain(..).rev() {
                    // All of it comes twice, the last first.
                    drop(queue.send(Heard::Event(event.clone())).await);
                    drop(queue.send(Heard::Event(event)).await);
                }
            }
        });
        Ok(troubled)
    }
}

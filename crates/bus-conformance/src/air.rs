//! A bus within one process: whoever is there hears what is said, and whoever is
//! too slow hears that something was missed.

use std::{collections::BTreeMap, sync::Arc};

use kernel::Event;
use parking_lot::Mutex;
use runtime::{
    Failure,
    ports::{Bus, Heard, Pending},
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many events may wait for whoever hears.
const QUEUE: usize = 4096;

/// A bus within one process.
#[derive(Default)]
pub struct Air(Mutex<BTreeMap<&'static str, Vec<Ear>>>);

struct Ear {
    queue: Sender<Heard>,
    /// It has missed something, and does not know it yet.
    missed: bool,
}

impl Air {
    /// Nobody is there yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }
}

impl Ear {
    /// False when nobody hears any more.
    fn tell(&mut self, event: &Event) -> bool {
        if self.missed {
            self.missed = self.queue.try_send(Heard::Gap).is_err();
        }
        self.missed |= self.queue.try_send(Heard::Event(Box::new(event.clone()))).is_err();
        !self.queue.is_closed()
    }
}

impl Bus for Air {
    fn publish<'a>(&'a self, events: &'a [Event]) -> Pending<'a, Result<usize, Failure>> {
        Box::pin(async move {
            let mut ears = self.0.lock();
            for event in events {
                if let Some(ears) = ears.get_mut(event.context) {
                    ears.retain_mut(|ear| ear.tell(event));
                }
            }
            Ok(events.len())
        })
    }

    fn follow(&self, context: &'static str) -> Result<Receiver<Heard>, Failure> {
        let (queue, heard) = channel(QUEUE);
        // Whatever was before is to be looked up.
        drop(queue.try_send(Heard::Gap));
        self.0.lock().entry(context).or_default().push(Ear { queue, missed: false });
        Ok(heard)
    }
}

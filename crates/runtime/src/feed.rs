//! What happens in other processes, as the bus tells it: put in order again, and
//! looked up in the journal where something is missing.
//!
//! **Invariant:** the end of a journal moves only over positions that are known
//! to be there, in order. The bus may repeat, mix and lose; nothing is skipped.

use std::{collections::BTreeMap, time::Duration};

use kernel::Event;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{Failure, Runtime, ports::Heard, tail::Tail};

/// How long to wait for what is missing in between before the journal is asked.
const PATIENCE: Duration = Duration::from_millis(100);
/// How often the journal is looked at although all seems well.
const LOOK: Duration = Duration::from_secs(10);
/// How many events are kept that came too early.
const EARLY: usize = 4096;

/// One task for every journal that is read here and written elsewhere.
pub fn feed(
    runtime: &Runtime,
    others: &[&'static str],
    stop: &watch::Sender<bool>,
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let mut tasks = Vec::with_capacity(others.len());
    for context in others {
        let heard = match &runtime.bus {
            Some(bus) => Some(bus.follow(context)?),
            None => None,
        };
        let (runtime, stop) = (runtime.clone(), stop.subscribe());
        tasks
            .push(tokio::spawn(Feed { runtime, context, early: BTreeMap::new() }.run(heard, stop)));
    }
    Ok(tasks)
}

struct Feed {
    runtime: Runtime,
    context: &'static str,
    early: BTreeMap<u64, Event>,
}

impl Feed {
    async fn run(
        mut self,
        mut heard: Option<mpsc::Receiver<Heard>>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut look = true;
        while !*stop.borrow() {
            if look {
                look = self.look().await.is_err();
            }
            // Without a bus the journal is looked at, again and again.
            let wait = match (&heard, look || !self.early.is_empty()) {
                (Some(_), false) => LOOK,
                _ => PATIENCE,
            };
            tokio::select! {
                biased;
                told = stop.changed() => if told.is_err() { return },
                what = next(&mut heard) => match what {
                    Some(Heard::Event(event)) => look = self.take(*event, &mut heard),
                    Some(Heard::Gap) => look = self.doubt(),
                    None => heard = None,
                },
                () = sleep(wait) => look = true,
            }
        }
    }

    fn tail(&self) -> Option<&Tail> {
        self.runtime.tail(self.context).ok().map(|tail| &**tail)
    }

    /// Takes an event and whatever else has come with it; true when something
    /// may be missing.
    fn take(&mut self, first: Event, heard: &mut Option<mpsc::Receiver<Heard>>) -> bool {
        let mut gap = false;
        self.early.insert(first.position, first);
        while self.early.len() < EARLY && !gap {
            match heard.as_mut().map(mpsc::Receiver::try_recv) {
                Some(Ok(Heard::Event(event))) => drop(self.early.insert(event.position, *event)),
                Some(Ok(Heard::Gap)) => gap = true,
                _ => break,
            }
        }
        if gap || self.early.len() >= EARLY {
            return self.doubt();
        }
        self.publish();
        false
    }

    /// Something is missing, or is not what it should be: whatever was not handed
    /// on yet is read from the journal.
    fn doubt(&mut self) -> bool {
        self.early.clear();
        true
    }

    /// Hands on what comes next in order.
    fn publish(&mut self) {
        let Some(tail) = self.runtime.tail(self.context).ok() else { return };
        let head = tail.head();
        self.early = self.early.split_off(&(head + 1));
        let mut next = Vec::new();
        while let Some(event) = self.early.remove(&(head + 1 + next.len() as u64)) {
            next.push(event);
        }
        tail.publish(&next);
    }

    /// Looks how far the journal really is.
    async fn look(&mut self) -> Result<(), Failure> {
        let elsewhere = self.runtime.elsewhere(self.context)?;
        let counted = elsewhere.count(self.context, 0, &[]).await?;
        // Whatever is said was committed before.
        let invented = self.early.split_off(&(counted.head + 1));
        if let Some((position, _)) = invented.first_key_value() {
            let (context, head) = (self.context, counted.head);
            tracing::error!(context, position, head, "heard what is in no journal");
        }
        if let Some(tail) = self.tail() {
            tail.reaches(counted.head);
        }
        self.publish();
        Ok(())
    }
}

async fn next(heard: &mut Option<mpsc::Receiver<Heard>>) -> Option<Heard> {
    match heard {
        Some(heard) => heard.recv().await,
        None => std::future::pending().await,
    }
}

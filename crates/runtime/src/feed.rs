//! What happens in other processes, as the bus tells it: put in order again, and
//! looked up in the journal where something is missing.
//!
//! **Invariant:** the end of a journal moves only over positions that are known
//! to be there, in order. The bus may repeat, mix and lose; nothing is skipped.

use std::{collections::BTreeMap, time::Duration};

use kernel::Event;
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

use crate::{
    Failure, Runtime,
    end::{End, Ending},
    ports::Heard,
    tail::Tail,
};

/// How long to wait for what is missing in between before the journal is asked.
const PATIENCE: Duration = Duration::from_millis(100);
/// How often the journal is looked at although all seems well.
const LOOK: Duration = Duration::from_secs(2);
/// How many events are kept that came too early.
const EARLY: usize = 4096;
/// After so many failures in a row it is said that a journal cannot be read; a
/// process that is just being started again is no news.
const AWAY: u32 = 5;
/// How many events are read at once.
const PAGE: usize = 512;

/// One task for every journal that is read here and written elsewhere.
pub fn feed(
    runtime: &Runtime,
    others: &[&'static str],
    stop: &End,
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let mut tasks = Vec::with_capacity(others.len());
    for context in others {
        let heard = match &runtime.bus {
            Some(bus) => Some(bus.follow(context)?),
            None => None,
        };
        let (runtime, stop) = (runtime.clone(), stop.heard());
        let feed = Feed { runtime, context, early: BTreeMap::new(), failed: 0 };
        tasks.push(tokio::spawn(feed.run(heard, stop)));
    }
    Ok(tasks)
}

struct Feed {
    runtime: Runtime,
    context: &'static str,
    early: BTreeMap<u64, Event>,
    /// How often in a row the journal could not be read.
    failed: u32,
}

impl Feed {
    async fn run(mut self, mut heard: Option<mpsc::Receiver<Heard>>, mut stop: Ending) {
        let mut look = true;
        while !stop.is_said() {
            let went_on = tokio::select! {
                biased;
                () = stop.wait() => return,
                went_on = self.go_on(&mut heard, look) => went_on,
            };
            look = went_on.as_ref().copied().unwrap_or(true);
            let Err(failure) = went_on else {
                if self.failed >= AWAY {
                    tracing::info!(context = self.context, "its journal is read again");
                }
                self.failed = 0;
                continue;
            };
            self.failed += 1;
            if self.failed == AWAY {
                let story = failure.story();
                tracing::warn!(context = self.context, story, "its journal cannot be read");
            }
            let wait = self.runtime.settings.wait_after(self.failed, self.runtime.chance.bits());
            tokio::select! {
                biased;
                () = stop.wait() => return,
                () = sleep(wait) => {}
            }
        }
    }

    /// One step; true when the journal is to be looked at in the next.
    async fn go_on(
        &mut self,
        heard: &mut Option<mpsc::Receiver<Heard>>,
        look: bool,
    ) -> Result<bool, Failure> {
        if look {
            self.look().await?;
        }
        let Some(bus) = heard else { return self.follow().await };
        let wait = if self.early.is_empty() { LOOK } else { PATIENCE };
        let what = tokio::select! {
            biased;
            what = bus.recv() => what,
            () = sleep(wait) => return Ok(true),
        };
        match what {
            Some(Heard::Event(event)) => return Ok(self.take(*event, heard)),
            Some(Heard::Gap) => return Ok(self.doubt()),
            None => *heard = None,
        }
        Ok(true)
    }

    /// Without a bus the journal itself is followed.
    async fn follow(&mut self) -> Result<bool, Failure> {
        let head = self.runtime.tail(self.context)?.head();
        let elsewhere = self.runtime.elsewhere(self.context)?;
        let events = elsewhere.follow(self.context, head, PAGE).await?;
        self.runtime.tail(self.context)?.publish(&events);
        Ok(false)
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

//! The journals a view is made of, read as one: each in its own order, and
//! among each other by time and by what led to what.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use kernel::{Event, Projection};

use crate::{Failure, Tail};

/// How many events are read at once.
pub const BATCH: usize = 512;

/// Up to where each journal counts.
pub type Limits = BTreeMap<&'static str, u64>;

/// Events, by journal and position.
pub type Places = BTreeSet<(&'static str, u64)>;

/// The journals a view is made of.
pub struct Sources {
    all: Vec<Source>,
    /// Left out, because they have a delivery of their own.
    skipped: Places,
}

struct Source {
    name: &'static str,
    tail: Arc<Tail>,
    /// Read up to here, and up to here handed out.
    read: u64,
    done: u64,
    next: VecDeque<Event>,
}

impl Sources {
    pub fn of(tails: Vec<(&'static str, Arc<Tail>)>) -> Self {
        let source = |(name, tail)| Source { name, tail, read: 0, done: 0, next: VecDeque::new() };
        Self { all: tails.into_iter().map(source).collect(), skipped: Places::new() }
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.all.iter().map(|it| it.name).collect()
    }

    /// How many positions were read.
    pub fn read(&self) -> u64 {
        self.all.iter().map(|it| it.read).sum()
    }

    /// How many are left to read.
    pub fn left(&self, limits: &Limits) -> u64 {
        self.all.iter().map(|it| it.limit(limits).saturating_sub(it.read)).sum()
    }

    /// Whether all that counts has been handed out.
    pub fn are_done(&self, limits: &Limits) -> bool {
        self.left(limits) == 0 && self.all.iter().all(|it| it.next.is_empty())
    }

    /// What was left out before and is done now, as nothing of it is aside any more.
    pub fn late(&mut self, aside: &Places) -> Result<Vec<Event>, Failure> {
        let late: Vec<_> = self.skipped.difference(aside).copied().collect();
        let mut events = Vec::with_capacity(late.len());
        for (name, position) in late {
            if let Some(source) = self.all.iter().find(|it| it.name == name) {
                events.push(source.tail.at(position)?);
            }
            self.skipped.remove(&(name, position));
        }
        Ok(events)
    }

    /// The next events that the view shows, without those that are aside. There
    /// may be none though something is [left](Self::left): nobody else gets to
    /// work in between, so it is never long.
    pub fn next(
        &mut self,
        view: &Projection,
        limits: &Limits,
        aside: &Places,
    ) -> Result<Vec<Event>, Failure> {
        let mut events = Vec::new();
        for _ in 0..BATCH {
            for source in &mut self.all {
                source.fill(view, limits)?;
            }
            if self.all.iter().any(|it| it.next.is_empty() && it.read < it.limit(limits)) {
                break;
            }
            let done: BTreeMap<_, _> = if self.all.len() > 1 {
                self.all.iter().map(|it| (it.name, it.done)).collect()
            } else {
                BTreeMap::new()
            };
            // What led to it comes before it, whatever the clocks said.
            let is_early = |event: &Event| {
                let cause = event.cause.event.and_then(|(of, at)| Some((done.get(of)?, at)));
                cause.is_some_and(|(done, at)| *done < at)
            };
            let waiting = self.all.iter_mut().filter(|it| !it.next.is_empty());
            let first = waiting.min_by_key(|it| (is_early(&it.next[0]), it.next[0].at));
            let Some(source) = first else { break };
            let Some(event) = source.next.pop_front() else { break };
            source.done = if source.next.is_empty() { source.read } else { event.position };
            let place = (source.name, event.position);
            if aside.contains(&place) {
                self.skipped.insert(place);
            } else {
                events.push(event);
            }
        }
        Ok(events)
    }
}

impl Source {
    fn limit(&self, limits: &Limits) -> u64 {
        limits.get(self.name).copied().unwrap_or(0)
    }

    /// Reads on, once, when nothing is at hand.
    fn fill(&mut self, view: &Projection, limits: &Limits) -> Result<(), Failure> {
        let limit = self.limit(limits);
        if self.next.is_empty() && self.read < limit {
            let most = usize::try_from(limit - self.read).unwrap_or(BATCH).min(BATCH);
            let events = self.tail.after(self.read, most)?;
            let Some(last) = events.last() else {
                let (name, after) = (self.name, self.read);
                return Err(Failure::fault(format!("the journal of {name} ends at {after}")));
            };
            self.read = last.position;
            self.next.extend(events.into_iter().filter(|it| view.shows(it.name)));
            if self.next.is_empty() {
                self.done = self.read;
            }
        }
        Ok(())
    }
}

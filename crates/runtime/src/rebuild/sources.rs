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

/// An event, by journal and position.
pub type Place = (&'static str, u64);
/// Some of them.
pub type Places = BTreeSet<Place>;

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
    /// What comes next has to be asked for.
    is_away: bool,
}

/// The next piece of a journal: whose, where, after which position, how much.
pub type Piece = (&'static str, Arc<Tail>, u64, usize);

impl Sources {
    pub fn of(tails: Vec<(&'static str, Arc<Tail>)>) -> Self {
        let (read, done, is_away) = Default::default();
        let source =
            |(name, tail)| Source { name, tail, read, done, next: VecDeque::new(), is_away };
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

    /// What was left out before and is done now, as nothing of it is aside any
    /// more; and where it is to be read.
    pub fn late(&self, aside: &Places) -> Vec<(Place, Arc<Tail>)> {
        let late = self.skipped.difference(aside);
        let tail = |place: &Place| {
            let source = self.all.iter().find(|it| it.name == place.0)?;
            Some((*place, Arc::clone(&source.tail)))
        };
        late.filter_map(tail).collect()
    }

    /// It is not left out any more.
    pub fn is_shown(&mut self, place: Place) {
        self.skipped.remove(&place);
    }

    /// Whether something is missing that has to be asked for.
    pub fn are_away(&self) -> bool {
        self.all.iter().any(|it| it.is_away)
    }

    /// What has to be asked for.
    pub fn missing(&self, limits: &Limits) -> Vec<Piece> {
        let missing = self.all.iter().filter(|it| it.is_away);
        missing.map(|it| (it.name, Arc::clone(&it.tail), it.read, it.piece(limits))).collect()
    }

    /// What was asked for.
    pub fn take(
        &mut self,
        view: &Projection,
        name: &str,
        events: Vec<Event>,
    ) -> Result<(), Failure> {
        let source = self.all.iter_mut().find(|it| it.name == name);
        source.map_or(Ok(()), |source| source.take(view, events))
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

    /// How much is read at once.
    fn piece(&self, limits: &Limits) -> usize {
        let left = self.limit(limits).saturating_sub(self.read);
        usize::try_from(left).unwrap_or(BATCH).min(BATCH)
    }

    /// Reads on, once, when nothing is at hand.
    fn fill(&mut self, view: &Projection, limits: &Limits) -> Result<(), Failure> {
        if self.next.is_empty() && self.read < self.limit(limits) {
            match self.tail.at_hand(self.read, self.piece(limits))? {
                Some(events) => self.take(view, events)?,
                None => self.is_away = true,
            }
        }
        Ok(())
    }

    fn take(&mut self, view: &Projection, events: Vec<Event>) -> Result<(), Failure> {
        let Some(last) = events.last() else {
            let (name, after) = (self.name, self.read);
            return Err(Failure::fault(format!("the journal of {name} ends at {after}")));
        };
        (self.read, self.is_away) = (last.position, false);
        self.next.extend(events.into_iter().filter(|it| view.shows(it.name)));
        if self.next.is_empty() {
            self.done = self.read;
        }
        Ok(())
    }
}

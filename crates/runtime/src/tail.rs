//! The end of a journal, kept in memory: what was just committed is handed to
//! its readers without being read back.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use kernel::Event;
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::{
    Failure,
    bell::{Bell, Ear},
    ports::Elsewhere,
    store::Store,
};

/// How many events are kept; readers further behind read the database.
const KEPT: usize = 4096;

/// The end of one context's journal.
pub struct Tail {
    context: &'static str,
    journal: Journal,
    recent: RwLock<VecDeque<Event>>,
    head: watch::Sender<u64>,
    bell: Arc<Bell>,
    /// How often it was found that other processes had written.
    others: AtomicU64,
}

/// Where the journal is.
enum Journal {
    Here(Arc<dyn Store>),
    Elsewhere(Arc<dyn Elsewhere>),
}

impl Tail {
    /// The journal of this context ends at `head` now.
    #[must_use]
    pub fn of(context: &'static str, store: Arc<dyn Store>, head: u64) -> Self {
        Self::at_end(context, Journal::Here(store), head)
    }

    /// A journal that another process writes; where it ends has to be heard.
    #[must_use]
    pub fn of_another(context: &'static str, elsewhere: Arc<dyn Elsewhere>) -> Self {
        Self::at_end(context, Journal::Elsewhere(elsewhere), 0)
    }

    fn at_end(context: &'static str, journal: Journal, head: u64) -> Self {
        let (recent, bell, others) = Default::default();
        Self { context, journal, recent, head: watch::Sender::new(head), bell, others }
    }

    /// The last position that is committed.
    #[must_use]
    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// Wakes whenever something was committed.
    #[must_use]
    pub fn heads(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// As [`Tail::heads`], for the readers of this process: they are woken in order.
    pub(crate) fn ear(&self) -> Ear {
        self.bell.ear()
    }

    /// How often it was found that other processes had written.
    pub(crate) fn others(&self) -> u64 {
        self.others.load(Ordering::Acquire)
    }

    pub(crate) fn others_wrote(&self, times: u64) {
        self.others.store(times, Ordering::Release);
    }

    /// Events that were just committed, in order.
    pub fn publish(&self, events: &[Event]) {
        let Some(last) = events.last() else { return };
        let mut recent = self.recent.write();
        recent.extend(events.iter().cloned());
        let surplus = recent.len().saturating_sub(KEPT);
        recent.drain(..surplus);
        drop(recent);
        self.head.send_replace(last.position);
        self.bell.ring();
    }

    /// The journal of another process goes on up to here: what is missing in
    /// between is read when it is wanted.
    pub(crate) fn reaches(&self, head: u64) {
        if head > self.head() {
            self.recent.write().clear();
            self.head.send_replace(head);
            self.bell.ring();
        }
    }

    /// The events after a position, in order, at the most `limit` of them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or the journal is elsewhere.
    pub fn after(&self, position: u64, limit: usize) -> Result<Vec<Event>, Failure> {
        if let Some(events) = self.remembered(position, limit) {
            return Ok(events);
        }
        match &self.journal {
            Journal::Here(store) => Ok(store.events(self.context, position, limit)?),
            Journal::Elsewhere(_) => {
                Err(Failure::unavailable(self.context, "its journal is elsewhere"))
            }
        }
    }

    /// As [`Tail::after`], wherever the journal is.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or the other process does not answer.
    pub async fn read(&self, position: u64, limit: usize) -> Result<Vec<Event>, Failure> {
        if let Some(events) = self.remembered(position, limit) {
            return Ok(events);
        }
        match &self.journal {
            Journal::Here(store) => Ok(store.events(self.context, position, limit)?),
            Journal::Elsewhere(elsewhere) => elsewhere.events(self.context, position, limit).await,
        }
    }

    /// As [`Tail::after`], when nobody can wait: nothing where another process has
    /// to be asked.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) fn at_hand(
        &self,
        position: u64,
        limit: usize,
    ) -> Result<Option<Vec<Event>>, Failure> {
        match (self.remembered(position, limit), &self.journal) {
            (Some(events), _) => Ok(Some(events)),
            (None, Journal::Here(store)) => {
                Ok(Some(store.events(self.context, position, limit)?))
            }
            (None, Journal::Elsewhere(_)) => Ok(None),
        }
    }

    /// What is at hand; nothing when the journal has to be read.
    fn remembered(&self, position: u64, limit: usize) -> Option<Vec<Event>> {
        if position >= self.head() {
            return Some(Vec::new());
        }
        let recent = self.recent.read();
        let first = recent.front().filter(|first| first.position <= position + 1)?;
        let skip = usize::try_from(position + 1 - first.position).unwrap_or(usize::MAX);
        Some(recent.iter().skip(skip).take(limit).cloned().collect())
    }

    /// The event at a position.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read, is elsewhere, or has no such event.
    pub fn at(&self, position: u64) -> Result<Event, Failure> {
        self.only(position, self.after(position - 1, 1)?)
    }

    /// As [`Tail::at`], wherever the journal is.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read, or has no such event.
    pub async fn read_at(&self, position: u64) -> Result<Event, Failure> {
        self.only(position, self.read(position - 1, 1).await?)
    }

    fn only(&self, position: u64, found: Vec<Event>) -> Result<Event, Failure> {
        let what = || format!("event {} of {}", position, self.context);
        found.into_iter().next().ok_or_else(|| Failure::Unknown { what: what() })
    }
}

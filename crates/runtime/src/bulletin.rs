//! Telling everyone in the process what was just committed.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use kernel::{Event, Subject};
use parking_lot::Mutex;
use tokio::sync::{Notify, broadcast, watch};

use crate::{
    read::Seen,
    store::Row,
    tail::Tail,
    writer::{Announce, Staged},
};

/// How many changes of a view a slow listener may be behind before it has to
/// read the journal instead.
const KEPT: usize = 1024;

type One = (&'static str, u64);

/// Who is told what.
pub struct Bulletin {
    tails: BTreeMap<&'static str, Arc<Tail>>,
    changes: BTreeMap<&'static str, broadcast::Sender<Arc<Changed>>>,
    waiting: Mutex<HashMap<One, (usize, Arc<Notify>)>>,
    broken: watch::Sender<bool>,
    telling: Mutex<()>,
    /// Views that were rebuilt and switched since the start, and what each had
    /// seen then.
    switched: Mutex<BTreeMap<&'static str, Vec<Seen>>>,
}

/// What has changed in a view.
#[derive(Debug)]
pub enum Changed {
    /// One row.
    Row {
        /// Which one.
        number: u64,
        /// How often it has changed.
        version: u64,
        /// The row, as a JSON object.
        row: Arc<[u8]>,
    },
    /// More than can be told row by row: whoever listens looks again.
    All,
}

/// Waits for something to happen to one aggregate.
pub struct Watch<'a> {
    bulletin: &'a Bulletin,
    one: One,
    bell: Arc<Notify>,
}

impl Changed {
    /// Which row; nothing when it is about all of them.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Row { number, .. } => Some(*number),
            Self::All => None,
        }
    }
}

impl Bulletin {
    pub(crate) fn of(
        tails: BTreeMap<&'static str, Arc<Tail>>,
        views: impl Iterator<Item = &'static str>,
    ) -> Self {
        let changes = views.map(|view| (view, broadcast::channel(KEPT).0)).collect();
        let (waiting, telling, switched) = Default::default();
        Self { tails, changes, waiting, broken: watch::Sender::new(false), telling, switched }
    }

    /// A view was rebuilt and switched, when it had seen this much: what
    /// differs now, row by row or as a whole.
    pub(crate) fn switched(&self, view: &'static str, seen: Vec<Seen>, changes: Vec<Changed>) {
        let _telling = self.telling.lock();
        self.switched.lock().insert(view, seen);
        let Some(listeners) = self.changes.get(view) else { return };
        for changed in changes {
            // Nobody listening is no failure.
            drop(listeners.send(Arc::new(changed)));
        }
    }

    /// Whether a view may have been switched after it had seen no more than this.
    pub(crate) fn was_switched_since(&self, view: &str, since: &[(String, u64)]) -> bool {
        let switched = self.switched.lock();
        switched.get(view).is_some_and(|seen| {
            seen.iter().all(|(source, at)| {
                since.iter().find(|(name, _)| name == source).is_none_or(|(_, since)| since <= at)
            })
        })
    }

    /// The end of a context's journal.
    #[must_use]
    pub fn tail(&self, context: &str) -> Option<&Arc<Tail>> {
        self.tails.get(context)
    }

    /// Every change of a view from now on.
    #[must_use]
    pub fn changes(&self, view: &str) -> Option<broadcast::Receiver<Arc<Changed>>> {
        // Not in the middle of a commit: it would be neither before nor after it.
        let _telling = self.telling.lock();
        self.changes.get(view).map(broadcast::Sender::subscribe)
    }

    /// True once a database has failed in a way that only a restart mends.
    pub(crate) fn broken(&self) -> watch::Receiver<bool> {
        self.broken.subscribe()
    }

    /// Waits for something to happen to this one, from now on.
    pub(crate) fn watch(&self, of: &Subject) -> Watch<'_> {
        let one = (of.kind, of.number);
        let mut waiting = self.waiting.lock();
        let (count, bell) = waiting.entry(one).or_default();
        *count += 1;
        Watch { bulletin: self, one, bell: Arc::clone(bell) }
    }

    fn tell(&self, context: &'static str, events: &[Event], rows: &mut dyn Iterator<Item = &Row>) {
        let _telling = self.telling.lock();
        let waiting = self.waiting.lock();
        if !waiting.is_empty() {
            for event in events {
                if let Some((_, bell)) = waiting.get(&(event.of.kind, event.of.number)) {
                    bell.notify_waiters();
                }
            }
        }
        drop(waiting);
        rows.for_each(|row| self.show(row));
        // Last, so that whoever sees how far the journal is was told of all its changes.
        if let Some(tail) = self.tails.get(context) {
            tail.publish(events);
        }
    }

    /// Shows a changed row to whoever follows its view.
    fn show(&self, row: &Row) {
        let Some(listeners) = self.changes.get(row.view) else { return };
        if listeners.receiver_count() > 0 {
            let (number, version) = (row.number, row.version);
            let changed = Changed::Row { number, version, row: Arc::clone(&row.row) };
            // Nobody listening any more is no failure.
            drop(listeners.send(Arc::new(changed)));
        }
    }
}

impl Announce for Bulletin {
    fn broke(&self) {
        self.broken.send_replace(true);
    }

    fn committed(&self, context: &'static str, staged: &Staged) {
        self.tell(context, &staged.events, &mut staged.rows.values());
    }

    fn others_wrote(&self, context: &'static str, times: u64) {
        if let Some(tail) = self.tails.get(context) {
            tail.others_wrote(times);
        }
    }

    fn written_by_others(&self, context: &'static str, events: &[Event], rows: &[Row]) {
        self.tell(context, events, &mut rows.iter());
    }

    fn switched_by_others(&self, view: &'static str) {
        let seen = self.tails.iter().map(|(source, tail)| (*source, tail.head())).collect();
        self.switched(view, seen, vec![Changed::All]);
    }

    fn listens(&self, view: &'static str) -> bool {
        self.changes.get(view).is_some_and(|listeners| listeners.receiver_count() > 0)
    }
}

impl Watch<'_> {
    /// The bell; ask it to ring before looking, so that nothing is missed.
    pub(crate) fn bell(&self) -> &Notify {
        &self.bell
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let mut waiting = self.bulletin.waiting.lock();
        if let Some((count, _)) = waiting.get_mut(&self.one) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.one);
            }
        }
    }
}

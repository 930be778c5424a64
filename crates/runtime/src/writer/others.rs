//! What other processes have written since this one last looked.
//!
//! **Invariant:** whatever is decided in a turn is decided about what is there:
//! everything that others may have changed is forgotten before, and read again.

use kernel::{Context, Event};

use super::{Announce, Room, cache::Cache, room::KEPT};
use crate::{
    Failure,
    store::{Row, Turn},
};

/// How many events of others are read at once.
const PAGE: usize = 1024;

impl Room {
    /// Brings itself up to where the turn begins, and tells everyone in the
    /// process what others did.
    ///
    /// # Errors
    ///
    /// When the store cannot be read; the rest is heard in the next turn.
    pub fn hear_of_others(&mut self, turn: Turn, announce: &dyn Announce) -> Result<(), Failure> {
        if self.revision == Some(turn.revision) {
            return Ok(());
        }
        self.others += 1;
        announce.others_wrote(self.name(), self.others);
        if self.revision.take().is_none() {
            self.forget_all(); // one of our own commits may be there, or not
        }
        let name = self.name();
        while self.position < turn.position {
            let events = self.store.events(name, self.position, PAGE)?;
            let Some(last) = events.last() else {
                return Err(Failure::fault(format!("the journal of {name} ends too soon")));
            };
            let head = last.position;
            let rows = self.forget_what_they_touch(&events, announce)?;
            self.position = head;
            announce.written_by_others(name, &events, &rows);
        }
        let heads = self.store.heads(name)?;
        self.numbers = heads.numbers.into_iter().collect();
        self.tallies = heads.tallies.into_iter().collect();
        self.hear_of_progress(announce)?;
        self.revision = Some(turn.revision);
        Ok(())
    }

    fn forget_all(&mut self) {
        self.things = Cache::of(KEPT);
        let views: Vec<_> = self.rows.keys().copied().collect();
        for view in views {
            self.forget_rows(view);
        }
    }

    /// Forgets what these events changed; the rows somebody listens to.
    fn forget_what_they_touch(
        &mut self,
        events: &[Event],
        announce: &dyn Announce,
    ) -> Result<Vec<Row>, Failure> {
        let system = self.system();
        let Some(context) = system.context(self.name()) else { return Ok(Vec::new()) };
        let mut touched = Vec::new();
        for event in events {
            self.things.take((event.of.kind, event.of.number));
            touched.extend(self.own_rows_of(context, event));
        }
        touched.sort_unstable();
        touched.dedup();
        let mut rows = Vec::new();
        for (view, number) in touched {
            self.take_row(view, number);
            if let Some(last) = self.last_rows.get_mut(view) {
                *last = (*last).max(number);
            }
            if announce.listens(view)
                && let Some(shown) = self.store.row(self.name(), view, number)?
            {
                let (version, row, indexed) = (shown.version, shown.row, Vec::new());
                rows.push(Row { view, number, version, row, indexed });
            }
        }
        Ok(rows)
    }

    fn own_rows_of(&mut self, context: &Context, event: &Event) -> Vec<(&'static str, u64)> {
        let mut touched = Vec::new();
        for index in self.own_views.get(event.name).cloned().unwrap_or_default() {
            let view = &context.views[index];
            match view.key(event) {
                Ok(number) => touched.extend(number.map(|number| (view.name, number))),
                // Which row it was cannot be told: any.
                Err(_) => self.forget_rows(view.name),
            }
        }
        touched
    }

    /// A view that somebody else has moved on has rows that are not known here.
    fn hear_of_progress(&mut self, announce: &dyn Announce) -> Result<(), Failure> {
        for progress in self.store.progress(self.name())? {
            let key = (progress.subscription.clone(), progress.source);
            let known = self.progress.get(&key);
            let stand = |it: &crate::store::Progress| (it.epoch, it.position, it.done);
            if known.map(stand) != Some(stand(&progress)) {
                let shown = &*progress.subscription;
                let shown = shown.strip_prefix("all of ").unwrap_or(shown);
                let view = self.rows.keys().copied().find(|view| *view == shown);
                if let Some(view) = view {
                    self.forget_rows(view);
                }
                if let Some(view) = self.switched(&progress) {
                    self.forget_rows(view);
                    announce.switched_by_others(view);
                }
            }
            self.progress.insert(key, progress);
        }
        Ok(())
    }
}

//! What a rebuild does at the desk.

use std::sync::Arc;

use kernel::Time;

use super::{Room, Stage};
use crate::{
    Failure,
    store::{Progress, Store},
};

impl Stage<'_> {
    /// The last position of the journal, this piece of work included.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.room.position
    }

    /// Puts the shadow of a view in its place. Only for work that is alone.
    ///
    /// # Errors
    ///
    /// When the store does not do it.
    pub fn switch(&mut self, store: &dyn Store, view: &'static str) -> Result<(), Failure> {
        let context = self.room.name();
        let Some(shadows) = store.shadows() else {
            return Err(Failure::fault(format!("{context} is kept without shadows")));
        };
        let mark = self.room.switch_mark(view);
        let switched = shadows.switch(context, view, &mark);
        // Also when it is not known whether it was done.
        self.room.forget_rows(view);
        switched?;
        let key = (Arc::clone(&mark.subscription), mark.source);
        self.room.progress.insert(key, Progress { before: mark.position, ..mark });
        Ok(())
    }
}

impl Room {
    /// By this other processes see that a view was switched: the mark that it
    /// has seen everything, one more often.
    fn switch_mark(&self, view: &'static str) -> Progress {
        let (subscription, source): (Arc<str>, _) = (whole(view).into(), self.name());
        let held = self.progress.get(&(Arc::clone(&subscription), source));
        Progress {
            position: self.position,
            before: held.map_or(0, |it| it.position),
            done: held.map_or(1, |it| it.done) + 1,
            epoch: held.map_or(1, |it| it.epoch),
            owner: held.map_or_else(|| "writer".into(), |it| Arc::clone(&it.owner)),
            refused: 0,
            abandoned: 0,
            until: Time(i64::MAX),
            subscription,
            source,
        }
    }

    /// The view that somebody else has switched, when this says so.
    pub(super) fn switched(&self, progress: &Progress) -> Option<&'static str> {
        let name = progress.subscription.strip_prefix(&whole(""))?;
        let key = (Arc::clone(&progress.subscription), progress.source);
        let known = self.progress.get(&key).map_or(1, |it| it.done);
        let view = self.context().shown(name)?.name;
        (progress.done > known.max(1)).then_some(view)
    }
}

/// The name of the mark that a view has seen all of its context's history.
fn whole(view: &str) -> String {
    format!("all of {view}")
}

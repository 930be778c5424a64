//! What a rebuild does at the desk.

use crate::{Failure, store::Store};

use super::{Stage, room::Room};

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
        let switched = shadows.switch(context, view);
        // Also when it is not known whether it was done.
        self.room.forget_rows(view)?;
        Ok(switched?)
    }
}

impl Room {
    /// The rows of this view are not what they were.
    fn forget_rows(&mut self, view: &'static str) -> Result<(), Failure> {
        self.rows.retain(|(of, _)| *of != view);
        self.last_rows.remove(view);
        self.last_rows.insert(view, super::room::last_row(&*self.store, self.name(), view)?);
        Ok(())
    }
}

//! A view that is new to a context with a history is filled from it before
//! anybody is served: its rows are then as if it had always been there.

use std::sync::Arc;

use kernel::{Event, Time};

use super::{Desk, Stage};
use crate::{
    Failure,
    store::{Progress, Query, Sort, Start},
};

/// How many events are shown in one commit.
const BATCH: usize = 512;

impl Desk {
    /// Fills what is new. Ended in between, it goes on where it was.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read, or a commit fails.
    pub fn catch_up(&mut self) -> Result<(), Failure> {
        for context in self.contexts() {
            for index in 0..self.room(context)?.context().views.len() {
                while self.show_some(context, index)? {}
            }
            for view in self.room(context)?.store.stale_views(context)? {
                self.write_again(context, view)?;
                self.room(context)?.store.refreshed(context, view)?;
            }
        }
        Ok(())
    }

    /// Writes every row of a view again, so that it has all indexed fields.
    fn write_again(&mut self, context: &'static str, name: &'static str) -> Result<(), Failure> {
        let room = self.room(context)?;
        let (system, store) = (room.system(), Arc::clone(&room.store));
        let view = system.context(context).and_then(|it| it.shown(name));
        let Some(view) = view else { return Ok(()) };
        let mut after = 0;
        loop {
            self.begin()?;
            let start = Start::After(None, after);
            let query = Query { filters: Vec::new(), sort: Sort::default(), start, size: BATCH };
            let rows = store.rows(context, name, &query)?;
            let Some(last) = rows.last() else {
                store.leave();
                return Ok(());
            };
            after = last.number;
            self.stage(context, |stage| {
                for row in &rows {
                    stage.write_again(view, row);
                }
                Ok(())
            })?;
        }
    }

    /// Shows the next events to one own view; false when it has seen them all.
    fn show_some(&mut self, context: &'static str, index: usize) -> Result<bool, Failure> {
        let system = self.room(context)?.system();
        let Some(declared) = system.context(context) else { return Ok(false) };
        let view = &declared.views[index];
        if !view.is_own(declared) {
            return Ok(false);
        }
        let name: Arc<str> = format!("all of {}", view.name).into();
        self.begin()?;
        let room = self.room(context)?;
        let seen = room.progress.get(&(name.clone(), context)).cloned();
        let position = match &seen {
            Some(seen) if seen.done > 0 => {
                self.store().leave();
                return Ok(false);
            }
            Some(seen) => seen.position,
            None => 0,
        };
        let events = room.store.events(context, position, BATCH)?;
        let complete = events.len() < BATCH;
        let position = events.last().map_or(position, |event| event.position);
        self.stage(context, |stage| {
            for event in events.iter().filter(|event| view.shows(event.name)) {
                stage
                    .show(view, event)
                    .map_err(|failure| cannot_show(view.name, event, &failure))?;
            }
            stage.move_on(whole(&name, context, position, complete));
            Ok(())
        })?;
        Ok(!complete)
    }

    fn stage(
        &mut self,
        context: &'static str,
        run: impl FnOnce(&mut Stage<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.with_stage(context, |stage| stage.attempt(run))?;
        self.commit()
    }
}

/// Why a start comes to nothing: the view is new, and its rows would be wrong.
fn cannot_show(view: &str, event: &Event, why: &Failure) -> Failure {
    let (context, position, case) = (event.context, event.position, event.case);
    let why = why.story();
    Failure::fault(format!(
        "the view {view} is new, and cannot show event {context}:{position} of {case}: {why}"
    ))
}

/// A mark that a view has seen the history of its context, up to a position or
/// wholly; from then on its rows are part of every commit.
fn whole(name: &Arc<str>, source: &'static str, position: u64, complete: bool) -> Progress {
    Progress {
        subscription: Arc::clone(name),
        source,
        position,
        before: 0,
        done: u64::from(complete),
        refused: 0,
        abandoned: 0,
        owner: "writer".into(),
        epoch: 1,
        until: Time(i64::MAX),
    }
}

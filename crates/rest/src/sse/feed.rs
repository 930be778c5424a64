//! The changes of one view, for one listener.
//!
//! **Invariant:** the id of a message says up to where everything was sent with it or before it.
//! A listener who comes back with it may see a row twice, and misses none. A view says that it
//! has seen an event only after all who listen were told of it; so what is waiting to be heard
//! after that was said is everything there is.

use std::sync::Arc;

use kernel::Projection;
use runtime::{Changed, Failure};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError, error::TryRecvError},
        watch,
    },
    time::sleep,
};

use super::{Message, SILENCE_MAX};
use crate::{
    call::{Call, Caller},
    freshness::Positions,
    front::Front,
    problem::Problem,
    resources::Showing,
    table::Resource,
};

/// The changes of one view, for one listener.
pub struct Feed {
    front: Arc<Front>,
    caller: Caller,
    resource: Resource,
    only: Option<u64>,
    changes: broadcast::Receiver<Arc<Changed>>,
    moods: watch::Receiver<u64>,
    seen: Positions,
    /// Said at once, before anything is waited for.
    first: String,
}

impl Feed {
    /// Listens from now on.
    pub fn of(
        front: &Arc<Front>,
        call: &Call,
        resource: Resource,
        view: &Projection,
    ) -> Result<Self, Problem> {
        let runtime = &front.rest.runtime;
        let nobody = || Failure::fault(format!("nobody tells of {}", view.name));
        let changes = runtime.changes(view.name).ok_or_else(nobody)?;
        let context = resource.context(front.system()).name;
        Ok(Self {
            seen: positions(front, context, view)?,
            front: Arc::clone(front),
            caller: call.caller.clone(),
            moods: runtime.lab().changes(),
            only: None,
            first: String::new(),
            changes,
            resource,
        })
    }

    /// To this one row.
    pub fn only(mut self, number: u64) -> Self {
        self.only = Some(number);
        self
    }

    /// Says where it begins, so that a listener can come back before anything has happened;
    /// and what is just happening.
    pub async fn begin(&mut self) -> Result<(), Failure> {
        self.look_back(&self.seen.clone()).await
    }

    /// Says how a row is.
    pub fn show(&mut self, number: u64, stored: &[u8]) -> Result<(), Failure> {
        let data = match self.showing().row(number, stored) {
            Ok(data) => data,
            Err(failure @ Failure::BadRow { .. }) => {
                tracing::error!(story = failure.story(), "a change is not told");
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        let id = self.id();
        Message { id: &id, event: "row", data: &data }.write(&mut self.first);
        Ok(())
    }

    /// Says how the rows are that have changed since; or, when they are too many to say, that
    /// the listener has to look again.
    pub async fn catch_up(&mut self, since: &[(String, u64)]) -> Result<(), Failure> {
        let front = Arc::clone(&self.front);
        let Some(view) = self.resource.view(front.system()) else { return Ok(()) };
        if front.rest.runtime.was_switched_since(view, since) {
            return self.look_again();
        }
        self.look_back(since).await
    }

    async fn look_back(&mut self, since: &[(String, u64)]) -> Result<(), Failure> {
        let front = Arc::clone(&self.front);
        let (runtime, context) = (&front.rest.runtime, self.resource.context(front.system()).name);
        let Some(view) = self.resource.view(front.system()) else { return Ok(()) };
        self.seen = positions(&front, context, view)?;
        let Some(numbers) =
            runtime.changed_since(context, view, since, front.rest.changes_max).await?
        else {
            return self.look_again();
        };
        // The old place, until all of them are told.
        let now = std::mem::replace(&mut self.seen, since.to_vec());
        let wanted = numbers.iter().filter(|it| self.only.is_none_or(|only| only == **it));
        let mut rows = Vec::new();
        for number in wanted {
            rows.extend(runtime.row(context, view, *number)?);
        }
        let last = rows.pop();
        for row in rows {
            self.show(row.number, &row.row)?;
        }
        self.seen = now;
        if let Some(row) = last {
            return self.show(row.number, &row.row);
        }
        self.first.push_str(&Message::beginning(&self.id()));
        Ok(())
    }

    /// Says that more is different than can be said.
    fn look_again(&mut self) -> Result<(), Failure> {
        let front = Arc::clone(&self.front);
        let context = self.resource.context(front.system()).name;
        let Some(view) = self.resource.view(front.system()) else { return Ok(()) };
        self.seen = positions(&front, context, view)?;
        let id = self.id();
        Message { id: &id, event: "reset", data: "{}" }.write(&mut self.first);
        Ok(())
    }

    /// What comes next; nothing when it is over.
    pub async fn next(mut self) -> Option<(String, Self)> {
        loop {
            if !self.first.is_empty() {
                return Some((std::mem::take(&mut self.first), self));
            }
            let heard = tokio::select! {
                biased;
                () = self.front.rest.draining() => return None,
                _ = self.moods.changed() => Heard::Mood,
                change = self.changes.recv() => Heard::Change(change),
                () = sleep(SILENCE_MAX) => Heard::Nothing,
            };
            let told = match heard {
                Heard::Nothing => self.still_here(),
                Heard::Mood => {
                    let context = self.resource.context(self.front.system()).name;
                    // To a listener, too, it is as if its process were gone.
                    if self.front.rest.runtime.lab().is_down(context) {
                        return None;
                    }
                    Ok(())
                }
                Heard::Change(Ok(change)) => self.tell(change).await,
                Heard::Change(Err(RecvError::Lagged(_))) => self.lost().await,
                Heard::Change(Err(RecvError::Closed)) => return None,
            };
            if let Err(failure) = told {
                tracing::error!(story = failure.story(), "a live view broke off");
                return None;
            }
        }
    }

    /// Tells this change and all that wait behind it.
    async fn tell(&mut self, change: Arc<Changed>) -> Result<(), Failure> {
        let front = Arc::clone(&self.front);
        let context = self.resource.context(front.system()).name;
        let Some(view) = self.resource.view(front.system()) else { return Ok(()) };
        let now = positions(&front, context, view)?;
        let mut changes = vec![change];
        loop {
            match self.changes.try_recv() {
                Ok(change) => changes.push(change),
                Err(TryRecvError::Lagged(_)) => return self.lost().await,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let mut rows = Vec::new();
        for change in &changes {
            match &**change {
                Changed::All => return self.look_again(),
                Changed::Row { number, row, .. } => rows.push((*number, row)),
            }
        }
        rows.retain(|(number, _)| self.only.is_none_or(|only| only == *number));
        let last = rows.pop();
        for (number, row) in rows {
            self.show(number, row)?;
        }
        self.seen = now;
        last.map_or(Ok(()), |(number, row)| self.show(number, row))
    }

    /// Nothing is told; but it is known up to where.
    fn still_here(&mut self) -> Result<(), Failure> {
        let front = Arc::clone(&self.front);
        let context = self.resource.context(front.system()).name;
        let Some(view) = self.resource.view(front.system()) else { return Ok(()) };
        let now = positions(&front, context, view)?;
        if self.changes.is_empty() {
            self.seen = now;
        }
        self.first = Message::nothing();
        self.first.push_str(&Message::beginning(&self.id()));
        Ok(())
    }

    /// Too slow to hear everything: what was missed is looked up.
    async fn lost(&mut self) -> Result<(), Failure> {
        self.catch_up(&self.seen.clone()).await
    }

    fn id(&self) -> String {
        let seen = self.seen.iter().map(|(source, position)| format!("{source}:{position}"));
        seen.collect::<Vec<_>>().join(",")
    }

    fn showing(&self) -> Showing<'_> {
        Showing { front: &self.front, caller: &self.caller, resource: self.resource }
    }
}

enum Heard {
    Change(Result<Arc<Changed>, RecvError>),
    Mood,
    Nothing,
}

fn positions(front: &Front, context: &str, view: &Projection) -> Result<Positions, Failure> {
    let seen = front.rest.runtime.seen(context, view)?;
    Ok(seen.into_iter().map(|(source, position)| (source.to_owned(), position)).collect())
}

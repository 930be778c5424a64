//! Reading what is shown, and how fresh it is.

use std::time::Duration;

use kernel::{Actor, Case, Event, Projection, State, Verb};
use tokio::time::timeout;

use crate::{
    Failure, Runtime,
    guarded::guarded,
    runtime,
    state::state_of,
    store::{Delivery, Filter, Query, Shown, Thing},
};

/// Up to where a view has seen a journal.
pub type Seen = (&'static str, u64);

/// A row as it is stored, with its type.
///
/// # Errors
///
/// [`Failure::BadRow`] when it does not have the shape a row has today.
pub(crate) fn read(view: &Projection, shown: &Shown) -> Result<State, Failure> {
    let bad = |why: String| Failure::BadRow { view: view.name, number: shown.number, why };
    match guarded(view.name, || view.read(&shown.row)) {
        Ok(row) => row.map_err(|it| bad(it.source.to_string())),
        Err(panicked) => Err(bad(panicked.story())),
    }
}

fn guarded_row(view: &Projection, event: &Event) -> Result<Option<u64>, Failure> {
    Ok(guarded(view.name, || view.key(event))??)
}

impl Runtime {
    /// Whether a row has the shape that rows of its view have today.
    ///
    /// # Errors
    ///
    /// [`Failure::BadRow`] when it does not: it must not be shown.
    pub fn check_row(&self, view: &Projection, shown: &Shown) -> Result<(), Failure> {
        read(view, shown).map(|_| ())
    }

    /// Whether an event can be delivered and has the shape its name promises.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn check_event(&self, event: &Event) -> Result<(), Failure> {
        Failure::unless_small(event)?;
        let context = self.context(event.context)?;
        let guarded = runtime::guarded(context, event.of.kind)?;
        crate::guarded::guarded(event.name, || guarded.check(event))??;
        Ok(())
    }

    /// One row of a view.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, as with every read below.
    pub fn row(
        &self,
        context: &str,
        view: &Projection,
        number: u64,
    ) -> Result<Option<Shown>, Failure> {
        let context = self.context(context)?;
        Ok(self.store(context.name)?.row(context.name, view.name, number)?)
    }

    /// Rows of a view.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub fn rows(
        &self,
        context: &str,
        view: &Projection,
        query: &Query,
    ) -> Result<Vec<Shown>, Failure> {
        let context = self.context(context)?;
        Ok(self.store(context.name)?.rows(context.name, view.name, query)?)
    }

    /// How many rows of a view pass the filters.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub fn count_rows(
        &self,
        context: &str,
        view: &Projection,
        filters: &[Filter],
    ) -> Result<u64, Failure> {
        let context = self.context(context)?;
        Ok(self.store(context.name)?.count_rows(context.name, view.name, filters)?)
    }

    /// Whether there is room to write in the database of a context.
    ///
    /// # Errors
    ///
    /// When nobody serves the context here.
    pub fn has_room(&self, context: &str) -> Result<bool, Failure> {
        let context = self.context(context)?;
        Ok(self.store(context.name)?.has_room())
    }

    /// The commands that these aggregates would take in their present states, by
    /// name; none where there is no such aggregate, or its state cannot be read.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub fn takes(
        &self,
        context: &str,
        kind: &str,
        numbers: &[u64],
    ) -> Result<Vec<Vec<&'static str>>, Failure> {
        let context = self.context(context)?;
        let guarded = runtime::guarded(context, kind)?;
        let (store, envelope) = (self.store(context.name)?, self.envelope(Actor::system()));
        let takes = |thing: Option<Thing>| -> Result<Vec<_>, Failure> {
            let Some(thing) = thing else { return Ok(Vec::new()) };
            let state = match state_of(&**store, context.name, guarded, &thing) {
                // The row is there all the same, and so are the others of its page.
                Err(failure @ Failure::Unreadable(_)) => {
                    let (story, kind, number) = (failure.story(), guarded.name, thing.number);
                    tracing::error!(story, kind, number, "nothing can be done with it");
                    return Ok(Vec::new());
                }
                state => state?,
            };
            // The others begin another one.
            let rules = guarded.rules.iter().filter(|it| matches!(it.verb, Some(Verb::Put(_))));
            let takes = rules.filter(|rule| rule.would_take(&state, &envelope));
            Ok(takes.map(|rule| rule.command.name).collect())
        };
        let things = store.things(context.name, guarded.name, numbers)?;
        things.into_iter().map(takes).collect()
    }

    /// Up to where a view has seen each journal it shows.
    ///
    /// # Errors
    ///
    /// When nobody serves the context here.
    pub fn seen(&self, context: &str, view: &Projection) -> Result<Vec<Seen>, Failure> {
        let context = self.context(context)?;
        if view.is_own(context) {
            return Ok(vec![(context.name, self.tail(context.name)?.head())]);
        }
        let seen = self.seen.iter().filter(|((name, _), _)| **name == *view.name);
        Ok(seen.map(|((_, source), position)| (*source, *position.borrow())).collect())
    }

    /// Waits until a view has seen an event; false when it takes too long.
    ///
    /// # Errors
    ///
    /// When nobody serves the context here.
    pub async fn has_seen(
        &self,
        context: &str,
        view: &Projection,
        (source, position): (&str, u64),
        patience: Duration,
    ) -> Result<bool, Failure> {
        let context = self.context(context)?;
        if view.is_own(context) {
            return Ok(true); // written in the same commit
        }
        let seen = self.seen.iter().find(|((name, of), _)| **name == *view.name && *of == source);
        let Some((_, seen)) = seen else { return Ok(true) };
        let mut seen = seen.clone();
        let wait = seen.wait_for(|now| *now >= position);
        Ok(matches!(timeout(patience, wait).await, Ok(Ok(_))))
    }

    /// Whether the rows of a view may have been replaced since it had seen this
    /// much, by others that were rebuilt.
    #[must_use]
    pub fn was_switched_since(&self, view: &Projection, since: &[(String, u64)]) -> bool {
        self.bulletin.was_switched_since(view.name, since)
    }

    /// The rows of a view that changed since it had seen this much, or are
    /// about to; nothing when too much has happened to say.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub async fn changed_since(
        &self,
        context: &str,
        view: &Projection,
        seen: &[(String, u64)],
        most: usize,
    ) -> Result<Option<Vec<u64>>, Failure> {
        let mut numbers = Vec::new();
        for (source, _) in self.seen(context, view)? {
            let head = self.tail(source)?.head();
            let since = seen.iter().find(|(name, _)| name == source).map_or(0, |(_, at)| *at);
            if head.saturating_sub(since) > most as u64 {
                return Ok(None);
            }
            for event in self.tail(source)?.read(since, most).await? {
                // Of what cannot be read nobody knows which row it is about, and
                // no row shows it.
                let number = guarded_row(view, &event).unwrap_or_default();
                if event.position <= head
                    && let Some(number) = number
                    && !numbers.contains(&number)
                {
                    numbers.push(number);
                }
            }
        }
        Ok(Some(numbers))
    }

    /// Events of one context after a position; of one case, or of all.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub fn events(
        &self,
        context: &str,
        case: Option<Case>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, Failure> {
        let context = self.context(context)?;
        match case {
            Some(case) => {
                let store = self.store(context.name)?;
                Ok(store.events_of_case(context.name, case, after, limit)?)
            }
            None => self.tail(context.name)?.after(after, limit),
        }
    }

    /// All events of one case in the journal of a context, wherever it is.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
    ) -> Result<Vec<Event>, Failure> {
        match self.stores.get(context) {
            Some(store) => Ok(store.events_of_case(context, case, 0, usize::MAX)?),
            None => self.elsewhere(context)?.events_of_case(context, case).await,
        }
    }

    /// Deliveries that took a path of their own.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub fn deliveries(
        &self,
        context: &str,
        stage: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Delivery>, Failure> {
        let context = self.context(context)?;
        Ok(self.store(context.name)?.deliveries(context.name, None, stage, limit)?)
    }
}

//! Reading what is shown, and how fresh it is.

use std::time::Duration;

use kernel::{Actor, Case, Event, Key, Projection};
use tokio::time::timeout;

use crate::{
    Failure, Runtime,
    runtime::guarded,
    store::{Delivery, DeliveryKey, Filter, Query, Shown},
};

/// Up to where a view has seen a journal.
pub type Seen = (&'static str, u64);

impl Runtime {
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

    /// The commands that one aggregate would take in its present state, by name.
    ///
    /// # Errors
    ///
    /// As [`Runtime::row`].
    pub fn takes(
        &self,
        context: &str,
        kind: &str,
        number: u64,
    ) -> Result<Vec<&'static str>, Failure> {
        let context = self.context(context)?;
        let guarded = guarded(context, kind)?;
        let state = self.state(context, guarded, Some(&Key::Number(number)), true)?;
        let envelope = self.envelope(Actor::system());
        let rules = guarded.rules.iter().filter(|rule| rule.verb.is_some());
        let takes = rules.filter(|rule| rule.would_take(&state, &envelope));
        Ok(takes.map(|rule| rule.command.name).collect())
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
                if event.position <= head
                    && let Some(number) = view.key(&event)?
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

    /// Tries deliveries again that were put aside; how many there were.
    ///
    /// # Errors
    ///
    /// When nobody serves the subscription here, or the commit fails.
    pub async fn replay(&self, context: &str, key: DeliveryKey) -> Result<usize, Failure> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.write_to(context, &key, crate::delivery::Letter::Replay(vec![key.clone()], reply))
            .await?;
        answer.await.map_err(|_| Failure::unavailable(context, "the reader has stopped"))?
    }

    /// Gives deliveries up that were put aside; how many there were.
    ///
    /// # Errors
    ///
    /// As [`Runtime::replay`].
    pub async fn abandon(
        &self,
        context: &str,
        key: DeliveryKey,
        reason: kernel::Sentence,
    ) -> Result<usize, Failure> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let letter = crate::delivery::Letter::Abandon(vec![key.clone()], reason, reply);
        self.write_to(context, &key, letter).await?;
        answer.await.map_err(|_| Failure::unavailable(context, "the reader has stopped"))?
    }

    async fn write_to(
        &self,
        context: &str,
        key: &DeliveryKey,
        letter: crate::delivery::Letter,
    ) -> Result<(), Failure> {
        let line = self.mail.iter().find(|(line, _)| {
            line.context == context
                && line.subscription == key.subscription
                && line.source == key.source
        });
        let what = || format!("subscription {} of {context}", key.subscription);
        let (_, mailbox) = line.ok_or_else(|| Failure::Unknown { what: what() })?;
        let gone = |_| Failure::unavailable(context, "the reader has stopped");
        mailbox.send(letter).await.map_err(gone)
    }
}

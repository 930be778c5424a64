//! What operators see of one delivery, and do about it.

use std::sync::Arc;

use kernel::{Actor, Event};
use tokio::sync::oneshot;

use crate::{
    Failure, Runtime,
    delivery::{Came, Letter, Line, Mailbox},
    store::{Act, Deed, Delivery, DeliveryKey, Stage},
};

/// One delivery, and what stands around it.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    /// The event that is delivered.
    pub event: Event,
    /// How it stands, if it took a path of its own.
    pub aside: Option<Delivery>,
    /// Whether it has been read at all.
    pub read: bool,
    /// The first of its case that has to be done before it.
    pub behind: Option<u64>,
    /// How many of its case wait behind it.
    pub waiting: u64,
    /// What operators did about it, the oldest first.
    pub acts: Vec<Act>,
}

/// How many acts are told of one delivery.
const ACTS: usize = 100;

impl Runtime {
    /// Everything about one delivery.
    ///
    /// # Errors
    ///
    /// When there is no such delivery, or a store cannot be read.
    pub async fn whereabouts(
        &self,
        context: &str,
        key: &DeliveryKey,
    ) -> Result<Whereabouts, Failure> {
        let (line, _) = self.line(context, key)?;
        let unknown = || Failure::Unknown { what: named(context, key) };
        let head = self.tail(line.source)?.head();
        if key.position == 0 || key.position > head {
            return Err(unknown());
        }
        let event = self.tail(line.source)?.read_at(key.position).await?;
        if !line.events.contains(&event.name) {
            return Err(unknown());
        }
        let store = self.store(line.context)?;
        let aside = store.delivery(line.context, key)?;
        let (read, open) = self.open_of(line, event.case).await?;
        // What waits for a later day waits for nothing else.
        let in_turn = |it: &&Delivery| match it.stage {
            Stage::Waiting { .. } => line.holds_in_turn(self.system()),
            _ => true,
        };
        let others = open.iter().filter_map(|(_, aside)| aside.as_ref()).filter(in_turn);
        let others: Vec<_> = others.map(|it| it.key.position).collect();
        let behind = others.first().copied().filter(|first| *first < key.position);
        let waiting = others.iter().filter(|it| **it > key.position).count() as u64;
        let read = key.position <= read;
        let mut acts = store.acts(line.context, Some(key), ACTS)?;
        acts.reverse();
        Ok(Whereabouts { event, aside, read, behind, waiting, acts })
    }

    /// What operators did about deliveries of a context, the newest first.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn acts(&self, context: &str, limit: usize) -> Result<Vec<Act>, Failure> {
        let context = self.context(context)?;
        Ok(self.store(context.name)?.acts(context.name, None, limit)?)
    }

    /// Tries a delivery again that has failed or is parked, and waits for what
    /// comes of it. Who wants it and why is kept.
    ///
    /// # Errors
    ///
    /// When nobody serves the subscription here, or the commit fails.
    pub async fn replay(
        &self,
        context: &str,
        key: DeliveryKey,
        by: Actor,
        why: &str,
    ) -> Result<Came, Failure> {
        self.write_to(context, (Deed::Replay, key), by, why).await
    }

    /// Gives a delivery up that was put aside. Who wants it and why is kept.
    ///
    /// # Errors
    ///
    /// As [`Runtime::replay`].
    pub async fn abandon(
        &self,
        context: &str,
        key: DeliveryKey,
        by: Actor,
        why: &str,
    ) -> Result<Came, Failure> {
        self.write_to(context, (Deed::Abandon, key), by, why).await
    }

    async fn write_to(
        &self,
        context: &str,
        (deed, key): (Deed, DeliveryKey),
        by: Actor,
        why: &str,
    ) -> Result<Came, Failure> {
        let (_, mailbox) = self.line(context, &key)?;
        let (reply, answer) = oneshot::channel();
        let why: Arc<str> = why.into();
        let gone = || Failure::unavailable(context, "the reader has stopped");
        let letter = Letter { deed, key, by, why, reply };
        mailbox.send(letter).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(crate) fn line(
        &self,
        context: &str,
        key: &DeliveryKey,
    ) -> Result<&(Line, Mailbox), Failure> {
        let own = |(line, _): &&(Line, Mailbox)| {
            let is_its = line.subscription == key.subscription && line.source == key.source;
            is_its && line.context == context
        };
        let what = || format!("subscription {} of {context}", key.subscription);
        self.mail.iter().find(own).ok_or_else(|| Failure::Unknown { what: what() })
    }
}

fn named(context: &str, key: &DeliveryKey) -> String {
    let DeliveryKey { subscription, source, position } = key;
    format!("delivery of {source}:{position} to {subscription} of {context}")
}

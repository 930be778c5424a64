//! What an operator wants of a reader: try again, or give up. It is written down
//! in the same commit, with who wanted it and why.

use std::sync::Arc;

use kernel::{Actor, Sentence};

use super::{Letter, deliver::Delivered, reader::Reader};
use crate::{
    Failure, fault,
    store::{Act, Deed, Delivery, DeliveryKey, Stage as Where},
};

/// What came of an operator's act.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    /// There is no delivery that this could be done to.
    Nothing,
    /// It is done now.
    Done,
    /// The business said no: done, in a way.
    Refused(Sentence),
    /// It failed again: as it stands now.
    Failed(Box<Delivery>),
    /// It is next when the delivery at this position of its case is done.
    Behind(u64),
    /// It is due, and will be tried as soon as somebody is back.
    NotYet(Sentence),
    /// It is given up.
    Abandoned,
}

/// Who wants something, and why.
type Said = (Actor, Arc<str>);

impl Reader {
    /// An operator wants something.
    pub(super) async fn open(&mut self, letter: Letter) {
        fault::waits_at(&*self.runtime.chance, "operator.letter").await;
        let Letter { deed, key, by, why, reply } = letter;
        let result = match self.take_over().await {
            Ok(()) => match deed {
                Deed::Replay => self.replay(key, (by, why)).await,
                Deed::Abandon => self.abandon(key, (by, why)).await,
            },
            Err(failure) => Err(failure),
        };
        // The operator may have gone; what was done stays done.
        drop(reply.send(result));
    }

    /// Whoever reads for it in another process cannot be written to.
    async fn take_over(&mut self) -> Result<(), Failure> {
        if self.progress.is_none() {
            self.take_lease_from(true).await?;
        }
        Ok(())
    }

    async fn replay(&mut self, key: DeliveryKey, said: Said) -> Result<Came, Failure> {
        // What only waits is neither early nor late: there is nothing to try again.
        let again = |it: &Delivery| matches!(it.stage, Where::Failed { .. } | Where::Parked);
        let Some(found) = self.stored(&key)?.filter(again) else { return Ok(Came::Nothing) };
        let now = self.runtime.clock.now();
        // What the process ended with before is parked as soon as that happens again.
        let ended = found.ended.min(self.runtime.settings.attempts.saturating_sub(1));
        let due =
            Delivery { stage: Where::Failed { due: now }, attempts: 0, ended, ..found.clone() };
        self.change(Deed::Replay, found, said, vec![due.clone()], 0).await?;
        self.try_now(due).await
    }

    async fn try_now(&mut self, due: Delivery) -> Result<Came, Failure> {
        if let Some(first) = self.held.first(due.case).filter(|it| *it != due.key.position) {
            return Ok(Came::Behind(first));
        }
        let here = if self.is_cut_off() {
            Err(Failure::unavailable(self.line.context, "it is down"))
        } else {
            self.runtime.lab.pass(self.line.context).await
        };
        let tried = match here {
            Ok(()) => self.try_these(vec![due.clone()]).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = tried {
            return Ok(Came::NotYet(failure.told()));
        }
        Ok(match self.stored(&due.key)? {
            None => Came::Done,
            Some(Delivery { stage: Where::Refused, reason, .. }) => {
                Came::Refused(reason.unwrap_or_else(|| Sentence::new("", "")))
            }
            Some(Delivery { stage: Where::Abandoned, .. }) => Came::Abandoned,
            Some(delivery) => Came::Failed(Box::new(delivery)),
        })
    }

    async fn abandon(&mut self, key: DeliveryKey, said: Said) -> Result<Came, Failure> {
        let concerns = |it: &Delivery| it.stage.holds_up();
        let Some(found) = self.stored(&key)?.filter(concerns) else { return Ok(Came::Nothing) };
        let reason = format!("{}: {}", said.0.name, said.1);
        let reason = Some(Sentence::new(reason.clone(), reason));
        let given_up = Delivery { stage: Where::Abandoned, reason, ..found.clone() };
        let mut changed = vec![given_up];
        let position = found.key.position;
        let is_first = self.held.is_first(found.case, position);
        if let Some(next) = self.held.behind(found.case, position).filter(|_| is_first) {
            let key = DeliveryKey { position: next, ..found.key.clone() };
            // One that has failed itself is tried when it is due, or not at all.
            if let Some(next) = self.stored(&key)?
                && matches!(next.stage, Where::Waiting { .. })
            {
                let stage = Where::Waiting { due: self.runtime.clock.now() };
                changed.push(Delivery { stage, ..next });
            }
        }
        self.change(Deed::Abandon, found, said, changed, 1).await?;
        Ok(Came::Abandoned)
    }

    /// The act and what it changes, in one commit.
    async fn change(
        &mut self,
        deed: Deed,
        found: Delivery,
        (by, why): Said,
        changed: Vec<Delivery>,
        abandoned: u64,
    ) -> Result<(), Failure> {
        let elsewhere = || {
            let why = "another process reads for this subscription, or nobody does yet";
            Failure::unavailable(self.line.context, why)
        };
        let before = self.progress.clone().ok_or_else(elsewhere)?;
        let mut progress = before.clone();
        progress.abandoned += abandoned;
        let is_over = |it: &&Delivery| !it.stage.holds_up();
        let over = changed.iter().filter(is_over).map(|it| (it.case, it.key.position)).collect();
        let aside = changed.iter().filter(|it| !is_over(it)).cloned().collect();
        let moved = progress.clone();
        self.work(move |stage| {
            stage.holds(&before)?;
            stage.record(Act { at: stage.now(), by, deed, why, found });
            for delivery in changed {
                stage.put_aside(delivery);
            }
            stage.move_on(moved);
            Ok(())
        })
        .await?;
        self.take_in(Delivered { progress, aside, over });
        self.look_for_next_due()
    }

    pub(super) fn stored(&self, key: &DeliveryKey) -> Result<Option<Delivery>, Failure> {
        Ok(self.runtime.store(self.line.context)?.delivery(self.line.context, key)?)
    }
}

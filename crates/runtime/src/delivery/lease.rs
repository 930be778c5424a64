//! Taking a subscription over: its lease, and what is still to be done of it.

use std::{sync::Arc, time::Duration};

use kernel::Time;

use super::{
    deliver::BEHIND,
    follow::is_free,
    held::Held,
    reader::{DUE_AT_ONCE, Reader},
};
use crate::{
    Failure, fault, mutant,
    store::{Delivery, Progress, Stage},
};

impl Reader {
    /// Takes the lease, unless somebody else holds it.
    pub(super) async fn take_lease(&mut self) -> Result<bool, Failure> {
        Ok(!self.is_in_other_hands().await? && self.take_lease_from(false).await?)
    }

    /// Takes the lease, perhaps out of other hands; whoever had it cannot commit
    /// any more.
    pub(super) async fn take_lease_from(&mut self, anybody: bool) -> Result<bool, Failure> {
        fault::waits_at(&*self.runtime.chance, "lease.before").await;
        let line = self.line.clone();
        let owner = Arc::clone(&self.runtime.owner);
        let lease = self.lease()?;
        let progress = self.work(move |stage| {
            let held = stage.progress(&line.subscription, line.source).cloned();
            let now = stage.now();
            if let (Some(held), Some(lease), false) = (&held, lease, anybody)
                && !is_free(held, &owner, now, lease)
            {
                return Ok(None); // it was taken since we looked
            }
            let taken = held.unwrap_or_else(|| Progress {
                subscription: line.subscription.clone(),
                source: line.source,
                position: 0,
                before: 0,
                done: 0,
                refused: 0,
                abandoned: 0,
                owner: Arc::clone(&owner),
                epoch: 0,
                until: Time(0),
            });
            // Whoever ends well gives it back.
            let ended_badly = taken.until > Time(0);
            let until = lease.map_or(Time(i64::MAX), |lease| now.plus(lease));
            let taken = Progress { owner, epoch: taken.epoch + 1, until, ..taken };
            stage.move_on(taken.clone());
            Ok(Some((taken, ended_badly)))
        });
        let Some((progress, ended_badly)) = progress.await? else { return Ok(false) };
        self.position = progress.position;
        if mutant::READ_AGAIN.is_planted() {
            self.position = self.position.saturating_sub(1);
        }
        self.progress = Some(progress);
        fault::waits_at(&*self.runtime.chance, "lease.taken").await;
        let known = self.look_at_what_is_left(ended_badly);
        if known.is_err() {
            self.progress = None; // whoever knows only a part of it must not go on
        }
        known.map(|()| true)
    }

    fn look_at_what_is_left(&mut self, ended_badly: bool) -> Result<(), Failure> {
        self.look_for_what_is_held()?;
        if ended_badly { self.be_wary() } else { Ok(()) }
    }

    /// How long a lease lasts; where nobody else can write, for ever.
    pub(super) fn lease(&self) -> Result<Option<Duration>, Failure> {
        let shared = self.runtime.store(self.line.context)?.is_shared();
        Ok(shared.then_some(self.runtime.settings.lease))
    }

    /// Renews the lease when half of it is over.
    pub(super) async fn renew_lease(&mut self) -> Result<(), Failure> {
        let (Some(lease), Some(progress)) = (self.lease()?, self.progress.clone()) else {
            return Ok(());
        };
        if progress.until > self.runtime.clock.now().plus(lease / 2) {
            return Ok(());
        }
        let renewed = self.work(move |stage| {
            stage.holds(&progress)?;
            let renewed = Progress { until: stage.now().plus(lease), ..progress };
            stage.move_on(renewed.clone());
            Ok(renewed)
        });
        self.progress = Some(renewed.await?);
        Ok(())
    }

    /// Gives the lease back, so that the next one need not wait for its end, and
    /// knows that this was a clean one.
    pub(super) async fn give_lease_back(&mut self) {
        let Some(progress) = self.progress.take() else { return };
        let given = self.work(move |stage| {
            stage.holds(&progress)?;
            stage.move_on(Progress { until: Time(0), ..progress });
            Ok(())
        });
        if let Err(failure) = given.await {
            // It ends by itself; the next one waits that long.
            tracing::info!(story = failure.story(), "a lease was not given back");
        }
    }

    fn look_for_what_is_held(&mut self) -> Result<(), Failure> {
        let (context, name) = (self.line.context, &*self.line.subscription);
        let store = self.runtime.store(context)?;
        self.held = Held::default();
        // What waits for a later day holds nothing up; what has failed does.
        let stages = ["failed", "parked", "waiting"];
        for stage in &stages[..if self.delayed { 2 } else { 3 }] {
            let all = store.deliveries(context, Some(name), Some(stage), usize::MAX)?;
            for delivery in all.iter().filter(|it| it.key.source == self.line.source) {
                self.held.put(delivery.case, delivery.key.position);
            }
        }
        if mutant::DELAYED_FORGOTTEN.is_planted() && self.delayed {
            return Ok(());
        }
        self.look_for_next_due()
    }

    pub(super) fn look_for_next_due(&mut self) -> Result<(), Failure> {
        let now = self.runtime.clock.now();
        self.next_due = self.next_aside()?.iter().map(|delivery| self.due(delivery, now)).min();
        Ok(())
    }

    /// The first of those put aside that may be tried as soon as they are due.
    pub(super) fn next_aside(&self) -> Result<Vec<Delivery>, Failure> {
        let (context, name) = (self.line.context, &*self.line.subscription);
        let store = self.runtime.store(context)?;
        for limit in [DUE_AT_ONCE, usize::MAX] {
            let mut next = store.due(context, name, Time(BEHIND.0 - 1), limit)?;
            let complete = next.len() < limit;
            if self.delayed && !complete && !self.held.is_empty() {
                // After the clock has gone back they may be behind all that waits.
                let failed = store.deliveries(context, Some(name), Some("failed"), usize::MAX)?;
                next.retain(|it| !matches!(it.stage, Stage::Failed { .. }));
                next.extend(failed);
            }
            next.retain(|it| {
                let is_first = self.held.is_first(it.case, it.key.position)
                    || mutant::OUT_OF_TURN.is_planted();
                it.key.source == self.line.source && is_first
            });
            if complete || !next.is_empty() {
                return Ok(next);
            }
        }
        Ok(Vec::new())
    }

    /// When a delivery may be tried, even if the clock has gone back since it
    /// was put aside.
    pub(super) fn due(&self, delivery: &Delivery, now: Time) -> Time {
        match delivery.stage {
            Stage::Failed { due } if mutant::DUE_BY_THE_CLOCK_ALONE.is_planted() => due,
            Stage::Failed { due } if due > now.plus(self.runtime.settings.backoff_max) => now,
            // It only waited for its turn.
            Stage::Waiting { .. } if !self.delayed => now,
            stage => stage.due().unwrap_or(BEHIND),
        }
    }
}

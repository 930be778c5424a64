//! Taking a subscription over: its lease, and what is still to be done of it.

use std::{sync::Arc, time::Duration};

use kernel::Time;

use super::{
    Which,
    held::Held,
    reader::{DUE_AT_ONCE, Reader},
};
use crate::{Failure, store::Progress};

impl Reader {
    /// Takes the lease; whoever had it cannot commit any more.
    pub(super) async fn take_lease(&mut self) -> Result<(), Failure> {
        let line = self.line.clone();
        let owner = Arc::clone(&self.runtime.owner);
        let progress = self.work(move |stage| {
            let held = stage.progress(&line.subscription, line.source).cloned();
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
            let taken = Progress { owner, epoch: taken.epoch + 1, until: Time(i64::MAX), ..taken };
            stage.move_on(taken.clone());
            Ok(taken)
        });
        let progress = progress.await?;
        self.position = progress.position;
        self.progress = Some(progress);
        self.look_for_what_is_held()
    }

    fn look_for_what_is_held(&mut self) -> Result<(), Failure> {
        let (context, name) = (self.line.context, &*self.line.subscription);
        let store = self.runtime.store(context)?;
        self.held = Held::default();
        if !self.is_delayed()? {
            for stage in ["waiting", "failed", "parked"] {
                let all = store.deliveries(context, Some(name), Some(stage), usize::MAX)?;
                for delivery in all.iter().filter(|it| it.key.source == self.line.source) {
                    self.held.put(delivery.case, delivery.key.position);
                }
            }
        }
        self.look_for_next_due()
    }

    pub(super) fn look_for_next_due(&mut self) -> Result<(), Failure> {
        let (context, name) = (self.line.context, &*self.line.subscription);
        let store = self.runtime.store(context)?;
        let first = store.due(context, name, Time(i64::MAX - 1), DUE_AT_ONCE)?;
        let mut own = first.iter().filter(|it| it.key.source == self.line.source);
        self.next_due = own.find_map(|delivery| delivery.stage.due());
        if self.next_due.is_none() && first.len() == DUE_AT_ONCE {
            // Those of other journals stand before ours: look again when some are gone.
            self.next_due = Some(self.runtime.clock.now().plus(Duration::from_secs(1)));
        }
        Ok(())
    }

    pub(super) fn is_delayed(&self) -> Result<bool, Failure> {
        let context = self.runtime.context(self.line.context)?;
        let Which::Policy(index) = self.line.which else { return Ok(false) };
        Ok(context.policies[index].after.is_some())
    }
}

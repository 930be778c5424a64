//! What an operator wants of a reader: try again, or give up.

use std::sync::Arc;

use kernel::Sentence;

use super::{Letter, deliver::Delivered, reader::Reader};
use crate::{
    Failure, fault,
    store::{Delivery, DeliveryKey, Stage as Where},
};

impl Reader {
    /// An operator wants something.
    pub(super) async fn open(&mut self, letter: Letter) {
        fault::waits_at(&*self.runtime.chance, "operator.letter").await;
        let (keys, abandon, reply) = match letter {
            Letter::Replay(keys, reply) => (keys, None, reply),
            Letter::Abandon(keys, reason, reply) => (keys, Some(reason), reply),
        };
        let result = self.operate(keys, abandon).await;
        // The operator may have gone; what was done stays done.
        drop(reply.send(result));
    }

    async fn operate(
        &mut self,
        keys: Vec<DeliveryKey>,
        abandon: Option<Sentence>,
    ) -> Result<usize, Failure> {
        let (context, name) = (self.line.context, Arc::clone(&self.line.subscription));
        let store = self.runtime.store(context)?;
        let mut all = Vec::new();
        for stage in ["waiting", "failed", "parked"] {
            all.extend(store.deliveries(context, Some(&name), Some(stage), usize::MAX)?);
        }
        // What only waits is neither early nor late: there is nothing to try again.
        let concerns = |it: &Delivery| match it.stage {
            Where::Failed { .. } | Where::Parked => true,
            Where::Waiting { .. } => abandon.is_some(),
            Where::Refused | Where::Abandoned => false,
        };
        let mut found: Vec<_> =
            all.into_iter().filter(|it| keys.contains(&it.key) && concerns(it)).collect();
        found.sort_by_key(|it| it.key.position);
        let Some(mut progress) = self.progress.clone() else { return Ok(0) };
        let (count, now) = (found.len(), self.runtime.clock.now());
        let (mut over, mut held) = (Vec::new(), self.held.clone());
        let mut changed: Vec<Delivery> = Vec::new();
        for delivery in found {
            let place = (delivery.case, delivery.key.position);
            match &abandon {
                None => changed.push(Delivery {
                    stage: Where::Failed { due: now },
                    attempts: 0,
                    ..delivery
                }),
                Some(reason) => {
                    progress.abandoned += 1;
                    changed.retain(|it| it.key != delivery.key);
                    let is_first = held.is_first(place.0, place.1);
                    if let Some(next) = held.behind(place.0, place.1).filter(|_| is_first) {
                        let key = DeliveryKey { position: next, ..delivery.key.clone() };
                        let stage = Where::Waiting { due: now };
                        changed.push(Delivery { key, stage, reason: None, ..delivery.clone() });
                    }
                    held.done(place.0, place.1);
                    over.push(place);
                    let reason = Some(reason.clone());
                    changed.push(Delivery { stage: Where::Abandoned, reason, ..delivery });
                }
            }
        }
        let moved = progress.clone();
        let aside: Vec<_> = changed.iter().filter(|it| it.stage.holds_up()).cloned().collect();
        let before = self.progress.clone();
        self.work(move |stage| {
            before.iter().try_for_each(|before| stage.holds(before))?;
            for delivery in changed {
                stage.put_aside(delivery);
            }
            stage.move_on(moved);
            Ok(())
        })
        .await?;
        self.take_in(Delivered { progress, aside, over });
        self.look_for_next_due()?;
        Ok(count)
    }
}

//! What is in hand when the process ends.
//!
//! Whatever fails is counted when it has failed; what ends the process cannot
//! be. So after an end that was not a clean one, what may have caused it is
//! counted before it is tried: the first batch as a whole, in one commit. If the
//! process ends again, whatever was in hand is suspected, and tried alone, one
//! in the whole process at a time, until the one that does it has been found
//! and is parked. While all is well nothing is written for any of this.

use std::collections::BTreeSet;

use kernel::{Event, Sentence};
use tokio::sync::OwnedMutexGuard;

use super::{
    Which,
    deliver::{BEHIND, Delivered},
    reader::Reader,
};
use crate::{
    Failure,
    store::{Delivery, Progress, Stage as Where},
};

/// How wary a reader is after an end that was not a clean one.
#[derive(Debug, Default, Clone, Copy)]
pub struct Wary {
    /// Of the first events it has not delivered yet.
    pub of_new: bool,
    /// Of the first deliveries that are due.
    pub of_due: bool,
}

/// As long as it is held, nothing else that is suspected is tried.
pub type Alone = OwnedMutexGuard<()>;

impl Reader {
    /// The lease was not given back by whoever had it before.
    pub(super) fn be_wary(&mut self) -> Result<(), Failure> {
        if matches!(self.line.which, Which::Bus) {
            // It looks into nothing, so that no event can be the cause; and to
            // tell them one by one would change their order.
            return Ok(());
        }
        let behind = self.runtime.tail(self.line.source)?.head() > self.position;
        // Of what is new, a delayed policy only writes down when it is due.
        self.wary = Wary { of_new: behind && !self.delayed, of_due: true };
        Ok(())
    }

    /// Those of them that are tried now: all that nothing is known against, or
    /// else one that is suspected, and that one alone. One that has ended the
    /// process often enough is parked instead.
    pub(super) async fn take_in_hand(
        &mut self,
        mut due: Vec<Delivery>,
    ) -> Result<(Vec<Delivery>, Option<Alone>), Failure> {
        let suspected = due.iter().all(|it| it.ended > 0);
        if suspected {
            due.truncate(1);
        } else {
            due.retain(|it| it.ended == 0);
        }
        let most = self.runtime.settings.attempts;
        if let Some(it) = due.first_mut().filter(|it| it.ended >= most) {
            it.stage = Where::Parked;
            self.put_in_hand(due, self.position).await?;
            return Ok((Vec::new(), None));
        }
        if !suspected && !std::mem::take(&mut self.wary.of_due) {
            return Ok((due, None));
        }
        let alone =
            if suspected { Some(self.runtime.alone.clone().lock_owned().await) } else { None };
        let due: Vec<_> = due.into_iter().map(in_hand).collect();
        self.put_in_hand(due.clone(), self.position).await?;
        Ok((due, alone))
    }

    /// The first events after an end that was not a clean one: as if they had
    /// failed once, unless they turn out well.
    pub(super) async fn first_in_hand(
        &mut self,
        events: Vec<Event>,
        to: u64,
    ) -> Result<bool, Failure> {
        let now = self.runtime.clock.now();
        let mut cases = BTreeSet::new();
        let (mut rows, mut todo) = (Vec::new(), Vec::new());
        for event in events {
            let row = Delivery {
                key: self.line.key(event.position),
                case: event.case,
                stage: Where::Waiting { due: BEHIND },
                attempts: 0,
                since: now,
                reason: None,
                ended: 0,
            };
            if self.held.up(event.case) || !cases.insert(event.case) {
                rows.push(row);
                continue;
            }
            let row = in_hand(Delivery { stage: Where::Failed { due: now }, ..row });
            rows.push(row.clone());
            todo.push((event, Some(row)));
        }
        self.put_in_hand(rows, to).await?;
        self.wary.of_new = false;
        let ready = self.prepare(todo).await?;
        // Nothing of it was to be seen before.
        self.position = to;
        if !ready.is_empty() {
            self.deliver(ready, to).await?;
        }
        self.show_position();
        Ok(true)
    }

    async fn put_in_hand(&mut self, rows: Vec<Delivery>, to: u64) -> Result<(), Failure> {
        let Some(before) = self.progress.clone() else { return Ok(()) };
        let progress = Progress { position: to.max(before.position), ..before.clone() };
        let (moved, changed) = (progress.clone(), rows.clone());
        self.work(move |stage| {
            stage.holds(&before)?;
            for row in changed {
                stage.put_aside(row);
            }
            stage.move_on(moved);
            Ok(())
        })
        .await?;
        self.take_in(Delivered { progress, aside: rows, over: Vec::new() });
        Ok(())
    }
}

/// Counted before it is tried; whoever reads this after the process has ended
/// knows what happened.
fn in_hand(delivery: Delivery) -> Delivery {
    let ended = delivery.ended + 1;
    let times = if ended == 1 { "once".to_owned() } else { format!("{ended} times") };
    let reason = Sentence::new(
        format!("이것을 처리하는 동안 프로세스가 {ended}번 끝났어요"),
        format!("the process ended {times} while this was handled"),
    );
    Delivery { attempts: delivery.attempts + 1, reason: Some(reason), ended, ..delivery }
}

//! Reads one journal for one subscription.

use std::{sync::Arc, time::Duration};

use kernel::{Event, Time};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

use super::{
    Letter, Line, Which,
    deliver::{BEHIND, Batch, Delivered},
    hand::Wary,
    held::Held,
    prepare::{Ready, Todo},
};
use crate::{
    Failure, Runtime,
    end::Ending,
    fault, mutant,
    store::{Delivery, DeliveryKey, Progress, Stage as Where, StoreError},
};

/// How many deliveries that were put aside are looked at in one go.
pub const DUE_AT_ONCE: usize = 64;
/// How long to sleep when there is nothing to do: a clock can jump meanwhile.
const IDLE: Duration = Duration::from_hours(1);
/// How many batches of any other are on their way to the bus at the same time.
const WINDOW: usize = 8;
/// After so many rounds in which nothing at all could be done, the first
/// delivery is put aside, so that the next round tries another.
const ROUNDS: u32 = 5;

/// Reads one journal for one subscription.
pub struct Reader {
    pub(super) runtime: Runtime,
    pub(super) line: Line,
    seen: watch::Sender<u64>,
    pub(super) progress: Option<Progress>,
    /// Everything up to here was looked at; more than `progress` says, when
    /// there was nothing to do.
    pub(super) position: u64,
    pub(super) held: Held,
    pub(super) next_due: Option<Time>,
    /// It waits before it acts.
    pub(super) delayed: bool,
    /// What the clock said last.
    now: Time,
    barren: u32,
    pub(super) wary: Wary,
}

impl Reader {
    pub fn of(runtime: Runtime, line: Line, seen: watch::Sender<u64>) -> Self {
        let position = *seen.borrow();
        let context = runtime.system.context(line.context);
        let delayed = match line.which {
            Which::Policy(index) => context.is_some_and(|it| it.policies[index].after.is_some()),
            Which::Effect(_) | Which::View(_) | Which::Bus => false,
        };
        let (held, now) = (Held::default(), runtime.clock.now());
        let (progress, next_due, barren, wary) = Default::default();
        Self { runtime, line, seen, progress, position, held, next_due, delayed, now, barren, wary }
    }

    /// Reads until it is told to stop.
    pub async fn read(mut self, mut letters: mpsc::Receiver<Letter>, mut stop: Ending) {
        let mut moods = self.runtime.lab.ear();
        let mut heads = match self.runtime.tail(self.line.source) {
            Ok(tail) => tail.ear(),
            Err(failure) => return tracing::error!(story = failure.story(), "no journal to read"),
        };
        while !stop.is_said() {
            let (wait, all_done) = match self.step().await {
                Ok(true) => continue,
                Ok(false) => (self.until_next(), true),
                Err(failure) => (self.after(&failure), false),
            };
            tokio::select! {
                biased;
                () = stop.wait() => {}
                Some(letter) = letters.recv() => self.open(letter).await,
                () = moods.hear() => {}
                () = heads.hear(), if all_done && self.progress.is_some() => {}
                () = sleep(wait) => {}
            }
        }
        self.give_lease_back().await;
    }

    /// One batch; false when there is nothing to do.
    async fn step(&mut self) -> Result<bool, Failure> {
        if self.is_cut_off() {
            return Ok(false);
        }
        self.runtime.lab.pass(self.line.context).await?;
        if self.progress.is_none() && !self.take_lease().await? {
            return Ok(false);
        }
        self.renew_lease().await?;
        let now = self.runtime.clock.now();
        if now < self.now {
            self.look_for_next_due()?; // the clock has gone back
        }
        self.now = now;
        let is_due = self.next_due.is_some_and(|due| due <= self.runtime.clock.now());
        if is_due && self.what_is_due().await? {
            return Ok(true);
        }
        self.what_is_new().await
    }

    async fn what_is_new(&mut self) -> Result<bool, Failure> {
        let tail = self.runtime.tail(self.line.source)?;
        let events = tail.read(self.position, self.at_once()).await?;
        let Some(mut to) = events.last().map(|event| event.position) else { return Ok(false) };
        let wanted = |event: &Event| self.line.events.contains(&event.name);
        let mut events: Vec<_> = events.into_iter().filter(wanted).collect();
        if !self.one_of_each_case(&mut events) && !mutant::SECOND_OF_CASE_SKIPPED.is_planted() {
            to = events.last().map_or(self.position, |event| event.position);
        }
        if matches!(self.line.which, Which::View(_)) && mutant::ROW_OUT_OF_ORDER.is_planted() {
            events.reverse();
        }
        if events.is_empty() {
            self.look_past(to);
            return Ok(true);
        }
        if self.wary.of_new {
            return self.first_in_hand(events, to).await;
        }
        let count = events.len();
        let ready = self.prepare(events.into_iter().map(|event| (event, None)).collect()).await?;
        if ready.len() < count {
            // The others are as if not yet read.
            to = ready.last().map_or(self.position, |last| last.event.position);
        }
        self.deliver(ready, to).await
    }

    /// How many events are read in one go.
    fn at_once(&self) -> usize {
        let batch = self.runtime.settings.batch;
        if matches!(self.line.which, Which::Bus) { batch * WINDOW } else { batch }
    }

    async fn what_is_due(&mut self) -> Result<bool, Failure> {
        let now = self.runtime.clock.now();
        let due = self.next_aside()?.into_iter().filter(|it| self.due(it, now) <= now);
        let due: Vec<_> = due.take(DUE_AT_ONCE).collect();
        if due.is_empty() {
            self.look_for_next_due()?;
            return Ok(false);
        }
        self.try_these(due).await
    }

    /// Deliveries that were put aside, each the first of its case.
    pub(super) async fn try_these(&mut self, due: Vec<Delivery>) -> Result<bool, Failure> {
        let (due, _alone) = self.take_in_hand(due).await?;
        if due.is_empty() {
            self.look_for_next_due()?;
            return Ok(true);
        }
        let tail = self.runtime.tail(self.line.source)?;
        let mut todo = Vec::with_capacity(due.len());
        for it in due {
            todo.push((tail.read_at(it.key.position).await?, Some(it)));
        }
        let ready = self.prepare(todo).await?;
        let done = self.deliver(ready, self.position).await?;
        self.look_for_next_due()?;
        Ok(done)
    }

    pub(super) async fn deliver(
        &mut self,
        mut ready: Vec<Ready>,
        to: u64,
    ) -> Result<bool, Failure> {
        let barren = nothing_passed(&ready);
        let is_barren = barren.is_some();
        if let Some(failure) = barren {
            self.barren += 1;
            if self.barren < ROUNDS {
                return Err(failure);
            }
            // The first is put aside; the others are as if not yet read.
            ready.truncate(1);
        }
        let to = match ready.last() {
            Some(last) if self.barren > 0 && !mutant::REST_SKIPPED.is_planted() => {
                last.event.position.max(self.position)
            }
            _ => to,
        };
        let Some(progress) = self.progress.clone() else { return Ok(false) };
        let behind = self.behind(&ready)?;
        let batch = Batch {
            line: self.line.clone(),
            system: Arc::clone(&self.runtime.system),
            settings: self.runtime.settings.clone(),
            progress,
            to,
            ready,
            behind,
            chance: self.runtime.chance.bits(),
        };
        fault::waits_at(&*self.runtime.chance, "delivery.before_commit").await;
        let lease = self.lease()?;
        let delivered = self.work(move |stage| {
            stage.holds(&batch.progress)?;
            Ok(batch.deliver(stage, lease))
        });
        let delivered = delivered.await?;
        fault::waits_at(&*self.runtime.chance, "delivery.after_commit").await;
        self.barren = u32::from(is_barren);
        self.take_in(delivered);
        self.look_past(to);
        Ok(true)
    }

    /// What waits for each delivery that was put aside before: the next of its case.
    fn behind(&self, ready: &[Ready]) -> Result<Vec<(u64, Delivery)>, Failure> {
        let mut behind = Vec::new();
        for before in ready.iter().filter_map(|it| it.before.as_ref()) {
            let position = before.key.position;
            let Some(next) = self.held.behind(before.case, position) else { continue };
            let next = self.stored(&DeliveryKey { position: next, ..before.key.clone() })?;
            // One that has failed itself is tried when it is due, or not at all.
            if let Some(next) = next.filter(|it| matches!(it.stage, Where::Waiting { .. })) {
                behind.push((position, next));
            }
        }
        Ok(behind)
    }

    pub(super) fn take_in(&mut self, delivered: Delivered) {
        let Delivered { progress, aside, over } = delivered;
        self.progress = Some(progress);
        for (case, position) in over {
            self.held.done(case, position);
        }
        for delivery in aside {
            let waits = matches!(delivery.stage, Where::Waiting { .. });
            if !(waits && self.delayed) {
                self.held.put(delivery.case, delivery.key.position);
            }
            if let Some(due) = delivery.stage.due().filter(|due| *due != BEHIND) {
                self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
            }
        }
    }

    pub(super) fn look_past(&mut self, position: u64) {
        if position > self.position {
            self.position = position;
            self.show_position();
        }
    }

    pub(super) fn show_position(&self) {
        self.seen.send_replace(self.position);
    }

    pub(super) async fn work<T: Send + 'static>(
        &mut self,
        run: impl FnOnce(&mut crate::writer::Stage<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let result = self.runtime.writer(self.line.context)?.work(self.line.context, run).await;
        if let Err(Failure::Store(error)) = &result
            && matches!(**error, StoreError::Fenced(_) | StoreError::Unknown(_))
        {
            // Somebody else reads now, or nobody knows: look again.
            self.progress = None;
        }
        result
    }

    /// Whether there is nobody to read, or nobody to read for.
    pub(super) fn is_cut_off(&self) -> bool {
        let lab = &self.runtime.lab;
        lab.is_down(self.line.context) || lab.is_down(self.line.source)
    }

    fn until_next(&self) -> Duration {
        if self.is_cut_off() {
            return IDLE; // whatever is due is due when they are back
        }
        let settings = &self.runtime.settings;
        let most = match (self.lease(), &self.progress, self.line.which) {
            (Ok(None), ..) => IDLE,
            (_, Some(_), _) => settings.lease / 3,
            (_, None, Which::View(_)) => return settings.follow,
            (_, None, _) => return settings.lease / 6,
        };
        let now = self.runtime.clock.now();
        let due = self.next_due.map_or(i64::MAX, |due| due.0.saturating_sub(now.0).max(1));
        Duration::from_millis(u64::try_from(due).unwrap_or(0)).min(most)
    }

    fn after(&self, failure: &Failure) -> Duration {
        if !failure.passes() {
            tracing::error!(subscription = %self.line.subscription, story = failure.story(), "a batch failed");
        }
        self.runtime.settings.wait_after(self.barren.max(1), self.runtime.chance.bits())
    }
}

/// When not a single delivery could be done because somebody is away: who.
fn nothing_passed(ready: &[Ready]) -> Option<Failure> {
    let mut away = None;
    for one in ready {
        match &one.todo {
            Todo::Fail(failure) if failure.passes() && one.before.is_none() => {
                away = Some(failure.clone());
            }
            _ => return None,
        }
    }
    away
}

//! Preparing a batch: what may wait waits side by side, and comes back in order.

use kernel::Event;
use tokio::task::JoinSet;

use super::{
    Which,
    deliver::BEHIND,
    prepare::{Ready, Todo},
    reader::Reader,
};
use crate::{Failure, store::Delivery};

/// An event to be delivered, and how it was put aside before, if it was.
pub type Due = (Event, Option<Delivery>);

impl Reader {
    /// What has to be done because of each of these.
    pub(super) async fn prepare(&self, todo: Vec<Due>) -> Result<Vec<Ready>, Failure> {
        match self.line.which {
            Which::Effect(_) => self.prepare_side_by_side(todo).await,
            Which::Policy(_) | Which::View(_) => Ok(self.prepare_in_turn(todo).await),
            Which::Bus => self.prepare_together(todo).await,
        }
    }

    /// The longest run of events in which no case comes twice, when the world
    /// outside is called: what comes second waits for what comes first.
    pub(super) fn one_of_each_case(&self, events: &mut Vec<Event>) -> bool {
        if !matches!(self.line.which, Which::Effect(_)) {
            return true;
        }
        let comes_again = |index: &usize| {
            events[..*index].iter().any(|before| before.case == events[*index].case)
        };
        let Some(again) = (0..events.len()).find(comes_again) else { return true };
        events.truncate(again);
        false
    }

    /// All of it goes out at once, up to the first that is not taken: this keeps
    /// the order of the journal. While the bus is away nothing is put aside.
    async fn prepare_together(&self, mut todo: Vec<Due>) -> Result<Vec<Ready>, Failure> {
        let is_free: Vec<_> =
            todo.iter().map(|(event, before)| !self.is_held_up(event, before.as_ref())).collect();
        let free = todo.iter().zip(&is_free).filter(|(_, is_free)| **is_free);
        let events: Vec<_> = free.map(|((event, _), _)| event.clone()).collect();
        let mut taken = 0;
        let mut broken = None;
        if !events.is_empty() {
            match self.runtime.publish(&events).await {
                Ok(count) => taken = count,
                Err(failure) if failure.passes() => return Err(failure),
                Err(failure) => broken = Some(failure),
            }
        }
        // What is held up and comes before the first that was not taken goes with
        // the others; the first that is never taken as it is is put aside.
        let most = taken + usize::from(broken.is_some());
        let mut free = 0;
        let counted = is_free.iter().take_while(|is_free| {
            free += usize::from(**is_free);
            free <= most
        });
        let count = counted.count();
        todo.truncate(count);
        let ready = todo.into_iter().zip(is_free).map(|((event, before), is_free)| {
            let todo = match &broken {
                _ if !is_free => Todo::Later(BEHIND),
                Some(failure) => Todo::Fail(failure.clone()),
                None => Todo::Decide(Vec::new()),
            };
            Ready { event, before, todo }
        });
        Ok(ready.collect())
    }

    async fn prepare_in_turn(&self, todo: Vec<Due>) -> Vec<Ready> {
        let mut ready = Vec::with_capacity(todo.len());
        for (event, before) in todo {
            ready.push(if self.is_held_up(&event, before.as_ref()) {
                Ready { event, before, todo: Todo::Later(BEHIND) }
            } else {
                self.runtime.prepare(&self.line, event, before).await
            });
        }
        ready
    }

    async fn prepare_side_by_side(&self, todo: Vec<Due>) -> Result<Vec<Ready>, Failure> {
        let mut ready: Vec<Option<Ready>> = Vec::with_capacity(todo.len());
        let mut calls = JoinSet::new();
        for (index, (event, before)) in todo.into_iter().enumerate() {
            ready.push(None);
            if self.is_held_up(&event, before.as_ref()) {
                ready[index] = Some(Ready { event, before, todo: Todo::Later(BEHIND) });
                continue;
            }
            if calls.len() >= self.runtime.settings.outside_at_once
                && let Some(Ok((index, one))) = calls.join_next().await
            {
                ready[index] = Some(one);
            }
            let (runtime, line) = (self.runtime.clone(), self.line.clone());
            calls.spawn(async move { (index, runtime.prepare(&line, event, before).await) });
        }
        while let Some(call) = calls.join_next().await {
            if let Ok((index, one)) = call {
                ready[index] = Some(one);
            }
        }
        // None may be missing: what is not among them would count as done.
        let all: Option<Vec<_>> = ready.into_iter().collect();
        all.ok_or_else(|| Failure::fault("a call has ended without a word"))
    }

    fn is_held_up(&self, event: &Event, before: Option<&Delivery>) -> bool {
        // What waits for a later day waits for nothing else before.
        before.is_none() && !self.delayed && self.held.up(event.case)
    }
}

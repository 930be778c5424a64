//! The journals of several contexts, read as one.

use std::collections::{BTreeMap, VecDeque};

use kernel::{Case, Cause, Event, Note};
use runtime::Failure;
use serde_json::{Value, json, value::RawValue};
use tokio::sync::watch;

use crate::{front::Front, hal::Plan, moment};

/// The journals of several contexts, read as one: each in its own order, and among each other
/// by time.
pub struct Journals {
    /// Of this case alone.
    pub case: Option<Case>,
    /// Where each was left.
    left: BTreeMap<&'static str, u64>,
}

impl Journals {
    /// From their beginnings on.
    pub fn of(front: &Front, only: Option<&str>, case: Option<Case>) -> Self {
        let names = front.system().contexts.iter().map(|it| it.name);
        let left = names.filter(|it| only.is_none_or(|only| only == *it)).map(|it| (it, 0));
        Self { case, left: left.collect() }
    }

    /// After these positions.
    pub fn go_to(&mut self, after: &[(String, u64)]) {
        for (context, position) in after {
            if let Some(left) = self.left.get_mut(context.as_str()) {
                *left = *position;
            }
        }
    }

    /// After everything that has happened.
    pub fn go_to_the_end(&mut self, front: &Front) -> Result<(), Failure> {
        for (context, left) in &mut self.left {
            *left = front.rest.runtime.tail(context)?.head();
        }
        Ok(())
    }

    /// Where each was left: `request:17,service:23`.
    pub fn positions(&self) -> String {
        let left = self.left.iter().map(|(context, position)| format!("{context}:{position}"));
        left.collect::<Vec<_>>().join(",")
    }

    /// Wakes when something happens in one of them.
    pub fn heads(
        &self,
        front: &Front,
    ) -> Result<BTreeMap<&'static str, watch::Receiver<u64>>, Failure> {
        let contexts = self.left.keys();
        contexts.map(|it| Ok((*it, front.rest.runtime.tail(it)?.heads()))).collect()
    }

    /// The next events.
    pub fn next(&mut self, front: &Front, limit: usize) -> Result<Vec<Event>, Failure> {
        Ok(self.one_by_one(front, limit)?.into_iter().map(|(event, _)| event).collect())
    }

    /// The next events, each with where the journals are left after it.
    pub fn one_by_one(
        &mut self,
        front: &Front,
        limit: usize,
    ) -> Result<Vec<(Event, String)>, Failure> {
        let mut read = BTreeMap::new();
        for (context, left) in &self.left {
            let events = front.rest.runtime.events(context, self.case, *left, limit)?;
            read.insert(*context, VecDeque::from(events));
        }
        let mut merged = Vec::new();
        while merged.len() < limit {
            let next = read.values_mut().filter(|events| !events.is_empty());
            let next = next.min_by_key(|events| (self.is_early(&events[0]), events[0].at));
            let Some(event) = next.and_then(VecDeque::pop_front) else { break };
            self.left.insert(event.context, event.position);
            merged.push((event, self.positions()));
        }
        Ok(merged)
    }
}

impl Journals {
    /// Whether what led to it is still to be told: in the same millisecond, or by another clock.
    fn is_early(&self, event: &Event) -> bool {
        let cause = event.cause.event.and_then(|(it, at)| Some((self.left.get(it)?, at)));
        cause.is_some_and(|(left, at)| *left < at)
    }
}

/// An event for operators: everything but what opens doors.
pub fn shown(front: &Front, event: &Event) -> Value {
    let Cause { command, event: cause } = &event.cause;
    json!({
        "id": format!("{}:{}", event.context, event.position),
        "name": event.name,
        "schema": event.schema,
        "context": event.context,
        "position": event.position,
        "kind": event.of.kind,
        "number": event.of.number,
        "key": event.of.name.as_deref(),
        "version": event.version,
        "time": moment::rfc3339(event.at.0),
        "actor": { "name": *event.by.name, "role": *event.by.role },
        "case": event.case.to_string(),
        "cause": {
            "command": command,
            "event": cause.map(|(context, position)| format!("{context}:{position}")),
        },
        "trace": event.trace.as_deref(),
        "body": body(front, event),
        "unreadable": unreadable(front, event),
    })
}

/// Why nobody can read it, if that is so.
fn unreadable(front: &Front, event: &Event) -> Option<String> {
    front.rest.runtime.check_event(event).err().map(|failure| failure.story())
}

fn body(front: &Front, event: &Event) -> Option<Box<RawValue>> {
    let plan = Plan::of_note(note(front, event)?);
    let mut members = String::new();
    plan.write(&event.body, &mut members).ok()?;
    RawValue::from_string(format!("{{{}}}", members.trim_start_matches(','))).ok()
}

/// The note of an event.
pub fn note(front: &Front, event: &Event) -> Option<&'static Note> {
    let context = front.system().context(event.context)?;
    let mut notes = context.aggregates.iter().flat_map(kernel::Guarded::events);
    notes.find(|it| it.name == event.name).copied()
}

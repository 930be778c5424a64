//! What was heard lately, so that a copy that says something else is found.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use kernel::{Event, Record};

/// How many positions are remembered: more than are ever published again.
const KEPT: usize = 16 * 1024;

/// What was heard lately of one journal: a position and what was said there.
pub struct Copies(Vec<(u64, u64)>);

impl Copies {
    /// Nothing was heard.
    pub fn new() -> Self {
        Self(vec![(0, 0); KEPT])
    }

    /// Whether it says something else than what was heard at its position before.
    pub fn contradict(&mut self, event: &Event) -> bool {
        let said = said(event);
        let place = usize::try_from(event.position).unwrap_or(usize::MAX) % KEPT;
        match &mut self.0[place] {
            (position, before) if *position == event.position => *before != said,
            // A position that is far ahead is only somebody's word: the next one
            // that fits here takes its place.
            other => {
                *other = (event.position, said);
                false
            }
        }
    }
}

fn said(event: &Event) -> u64 {
    let mut hash = DefaultHasher::new();
    let record: &Record = event;
    (event.name, event.schema, &event.body, record.of.kind, record.of.number).hash(&mut hash);
    (record.version, record.at.0, record.case.kind, record.case.number).hash(&mut hash);
    (&record.by.name, &record.by.role, record.cause.command, record.cause.event).hash(&mut hash);
    hash.finish()
}

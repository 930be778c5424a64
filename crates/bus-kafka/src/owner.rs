//! Whose events are on a topic: those of our journal, or of somebody else.
//!
//! The end of a topic must be a piece of the journal. Where it is not, another
//! system writes there, or the journal was put back to an earlier day; both
//! would tell others things that did not happen, and are refused at the start.

use std::time::Instant;

use kernel::Event;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, RDKafkaErrorCode},
};
use runtime::{Failure, store::Store};

use crate::{
    Inside, message,
    topic::{PATIENCE, away},
};

/// How many of the newest messages of a partition are looked at.
const NEWEST: i64 = 32;

/// Refuses a topic on which more is of others than of this journal. A single
/// message that somebody has put there keeps nobody from starting.
pub fn check(
    inside: &Inside,
    asking: &BaseConsumer,
    context: &'static str,
    name: &str,
) -> Result<(), Failure> {
    let (mut ours, mut others, mut whose) = (0, 0, None);
    for found in newest(inside, asking, name)? {
        let foreign = match found {
            Found::Event(event) => match inside.journals.get(context) {
                Some(journal) => differs(&**journal, context, &event)?,
                None => None,
            },
            Found::OfAnother(source) => Some(format!("an event of {source}")),
            Found::Nothing => continue,
        };
        match foreign {
            None => ours += 1,
            Some(what) => {
                others += 1;
                whose = whose.or(Some(what));
            }
        }
    }
    match whose {
        Some(what) if others > ours => Err(Failure::fault(format!(
            "topic {name} is not that of this journal: it holds {what}; another system writes \
             there (give one of them another prefix), or the database was put back"
        ))),
        _ => Ok(()),
    }
}

enum Found {
    Event(Box<Event>),
    /// An event with a source that is not ours.
    OfAnother(String),
    /// No event at all.
    Nothing,
}

/// What is wrong with an event, by the journal it should be from.
fn differs(
    journal: &dyn Store,
    context: &'static str,
    event: &Event,
) -> Result<Option<String>, Failure> {
    let position = event.position;
    if event.context != context {
        return Ok(Some(format!("an event of {}", event.context)));
    }
    let here = journal.events(context, position - 1, 1)?;
    Ok(match here.first() {
        None => Some(format!("event {position}, which is after the end of the journal")),
        Some(here) if message::is_same(here, event) => None,
        Some(_) => Some(format!("another event {position} than the journal")),
    })
}

fn newest(inside: &Inside, asking: &BaseConsumer, name: &str) -> Result<Vec<Found>, Failure> {
    let read = || -> Result<Vec<Found>, KafkaError> {
        let mut from = TopicPartitionList::new();
        let mut left = 0;
        for partition in 0..inside.settings.partitions {
            let (first, end) = asking.fetch_watermarks(name, partition, PATIENCE)?;
            if end > first {
                let begin = first.max(end - NEWEST);
                left += end - begin;
                from.add_partition_offset(name, partition, Offset::Offset(begin))?;
            }
        }
        let mut found = Vec::new();
        if left == 0 {
            return Ok(found);
        }
        asking.assign(&from)?;
        let deadline = Instant::now() + PATIENCE;
        while left > 0 && Instant::now() < deadline {
            match asking.poll(PATIENCE / 30) {
                Some(Ok(message)) => {
                    left -= 1;
                    found.push(match message::event(inside, &message) {
                        Ok(event) => Found::Event(Box::new(event)),
                        Err(_) => match message::source(&message) {
                            Some(it) if !inside.is_ours(it) => Found::OfAnother(it.to_owned()),
                            _ => Found::Nothing,
                        },
                    });
                }
                Some(Err(error)) => return Err(error),
                None => {}
            }
        }
        if left > 0 {
            return Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut));
        }
        Ok(found)
    };
    let found = read().map_err(|it| away(&it));
    drop(asking.unassign());
    found
}

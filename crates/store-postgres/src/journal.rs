//! What has happened, in commit order.

use std::sync::Arc;

use kernel::{Actor, Case, Cause, Event, Record, Subject, Time};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    ask::{Ask, Blob, at_most, capped},
    context::sql,
    fault::Fault,
    taken::{bytes, number, perhaps_text, small, stored, take, text},
};

const COLUMNS: &str = "position, event, schema, kind, number, name, version, at, actor, role, \
                       case_kind, case_number, command, cause_context, cause_position, trace, body";

/// The journal of one context.
#[derive(Debug)]
pub struct Journal {
    context: &'static str,
    insert: Arc<str>,
    after: Arc<str>,
    of_case: Arc<str>,
    history: Arc<str>,
    count_after: Arc<str>,
}

impl Journal {
    /// Of that context.
    pub fn of(context: &'static str, schema: &str) -> Self {
        let select = format!("SELECT {COLUMNS} FROM {schema}.journal");
        Self {
            context,
            insert: sql(format!(
                "INSERT INTO {schema}.journal ({COLUMNS})
                 SELECT * FROM unnest($1::bigint[], $2::text[], $3::int[], $4::text[],
                   $5::bigint[], $6::bytea[], $7::bigint[], $8::bigint[], $9::bytea[],
                   $10::bytea[], $11::text[], $12::bigint[], $13::text[], $14::text[],
                   $15::bigint[], $16::bytea[], $17::bytea[])"
            )),
            after: sql(format!("{select} WHERE position > $1 ORDER BY position LIMIT $2")),
            of_case: sql(format!(
                "{select} WHERE case_number = $1 AND case_kind = $2 AND position > $3
                 ORDER BY position LIMIT $4"
            )),
            history: sql(format!(
                "SELECT {COLUMNS},
                   (SELECT version FROM {schema}.thing WHERE kind = $1 AND number = $2)
                 FROM {schema}.journal WHERE kind = $1 AND number = $2 ORDER BY journal.version"
            )),
            count_after: sql(format!(
                "SELECT count(*) FROM {schema}.journal WHERE position > $1 AND event = ANY($2)"
            )),
        }
    }

    /// Appends; the positions have been checked.
    pub fn append(&self, events: &[Event]) -> Result<Ask, Fault> {
        let causes = events.iter().map(|it| it.cause.event.map(|(_, position)| stored(position)));
        let causes = causes.map(Option::transpose).collect::<Result<Vec<_>, _>>()?;
        let numbers = |of: fn(&Event) -> u64| {
            events.iter().map(|it| stored(of(it))).collect::<Result<Vec<_>, _>>()
        };
        Ok(Ask::of(&self.insert)
            .bind(numbers(|it| it.position)?)
            .column(events, |it| it.name)
            .column(events, |it| it.schema.cast_signed())
            .column(events, |it| it.of.kind)
            .bind(numbers(|it| it.of.number)?)
            .column(events, |it| it.of.name.as_ref().map(Blob::from))
            .bind(numbers(|it| it.version)?)
            .column(events, |it| it.at.0)
            .column(events, |it| Blob::from(&it.by.name))
            .column(events, |it| Blob::from(&it.by.role))
            .column(events, |it| it.case.kind)
            .bind(numbers(|it| it.case.number)?)
            .column(events, |it| it.cause.command)
            .column(events, |it| it.cause.event.map(|(context, _)| context))
            .bind(causes)
            .column(events, |it| it.trace.as_ref().map(Blob::from))
            .column(events, |it| Blob(Arc::clone(&it.body))))
    }

    /// The events after a position.
    pub fn after(&self, after: u64, limit: usize) -> Ask {
        Ask::of(&self.after).bind(capped(after)).bind(at_most(limit))
    }

    /// The events of one case after a position.
    pub fn of_case(&self, case: Case, after: u64, limit: usize) -> Ask {
        let of_case = Ask::of(&self.of_case).bind(capped(case.number)).bind(case.kind);
        of_case.bind(capped(after)).bind(at_most(limit))
    }

    /// The events of one aggregate, and behind each how many there should be.
    pub fn history(&self, kind: &'static str, number: u64) -> Ask {
        Ask::of(&self.history).bind(kind).bind(capped(number))
    }

    /// How many events after a position have one of these names.
    pub fn count_after(&self, after: u64, names: &[&'static str]) -> Ask {
        Ask::of(&self.count_after).bind(capped(after)).bind(names.to_vec())
    }

    /// All that were read.
    pub fn events(&self, store: &PostgresStore, rows: &[Row]) -> Result<Vec<Event>, Fault> {
        rows.iter().map(|row| self.event(store, row)).collect()
    }

    /// The same for a history, which must be whole.
    pub fn whole(&self, store: &PostgresStore, rows: &[Row]) -> Result<Vec<Event>, Fault> {
        let events = self.events(store, rows)?;
        let (Some(row), Some(last)) = (rows.last(), events.last()) else { return Ok(events) };
        let should = take::<Option<i64>>(row, 17)?.unwrap_or_default();
        if Ok(events.len()) == usize::try_from(should) {
            return Ok(events);
        }
        let what = format!("the history of {} {}", last.of.kind, last.of.number);
        let are = events.len();
        Err(Fault::Unreadable(what, format!("it has {are} events and should have {should}")))
    }

    fn event(&self, store: &PostgresStore, row: &Row) -> Result<Event, Fault> {
        let position = number(row, 0)?;
        let place = || format!("{}.journal at {position}", self.context);
        let known = |column| store.known(take(row, column)?, place);
        let event = match take::<Option<&str>>(row, 13)? {
            Some(context) => Some((store.name(context), number(row, 14)?)),
            None => None,
        };
        let record = Record {
            context: self.context,
            position,
            of: Subject { kind: known(3)?, number: number(row, 4)?, name: perhaps_text(row, 5)? },
            version: number(row, 6)?,
            at: Time(take(row, 7)?),
            by: Actor { name: text(row, 8)?, role: text(row, 9)? },
            case: Case { kind: store.name(take(row, 10)?), number: number(row, 11)? },
            cause: Cause { command: store.name(take(row, 12)?), event },
            trace: perhaps_text(row, 15)?,
        };
        Ok(Event::stored(known(1)?, small(row, 2)?, bytes(row, 16)?, record))
    }
}

//! Aggregates in their present state.

use std::{collections::HashMap, sync::Arc};

use kernel::Case;
use runtime::store::{Changes, Thing};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    ask::{Ask, Blob, capped},
    context::sql,
    fault::Fault,
    taken::{bytes, number, perhaps_text, stored, take},
};

const COLUMNS: &str = "kind, number, name, version, last, case_kind, case_number, state";

/// The aggregates of one context. Their key is their kind and their number.
#[derive(Debug)]
pub struct Things {
    context: &'static str,
    stale: Arc<str>,
    taken: Arc<str>,
    put: Arc<str>,
    numbered: Arc<str>,
    named: Arc<str>,
}

impl Things {
    /// Of that context.
    pub fn of(context: &'static str, schema: &str) -> Self {
        let select = format!("SELECT {COLUMNS} FROM {schema}.thing WHERE kind = $1");
        Self {
            context,
            stale: sql(format!(
                "SELECT it.kind, it.number
                   FROM unnest($1::text[], $2::bigint[], $3::bigint[])
                     AS it (kind, number, version)
                   LEFT JOIN {schema}.thing USING (kind, number)
                  WHERE coalesce(thing.version, 0) <> it.version LIMIT 1"
            )),
            taken: sql(format!(
                "SELECT it.kind, it.name
                   FROM unnest($1::text[], $2::bigint[], $3::bytea[]) AS it (kind, number, name)
                   JOIN {schema}.thing
                     ON thing.kind = it.kind AND sha256(thing.name) = sha256(it.name)
                  WHERE thing.name IS NOT NULL AND thing.number <> it.number LIMIT 1"
            )),
            put: sql(format!(
                "INSERT INTO {schema}.thing ({COLUMNS})
                 SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[],
                   $5::bigint[], $6::text[], $7::bigint[], $8::bytea[])
                 ON CONFLICT (kind, number) DO UPDATE SET
                   version = excluded.version, last = excluded.last, state = excluded.state"
            )),
            numbered: sql(format!("{select} AND number = $2")),
            named: sql(format!("{select} AND name IS NOT NULL AND sha256(name) = sha256($2)")),
        }
    }

    /// Asks for one that does not stand where the batch found it.
    pub fn stale(&self, changes: &Changes) -> Result<Ask, Fault> {
        let mut events: HashMap<_, (u64, u64)> = HashMap::new();
        for event in &changes.events {
            let (count, last) = events.entry((event.of.kind, event.of.number)).or_default();
            (*count, *last) = (*count + 1, event.position);
        }
        let mut before = Vec::with_capacity(changes.things.len());
        for thing in &changes.things {
            let found = events.remove(&(thing.kind, thing.number));
            let (count, last) = found.unwrap_or((0, thing.last));
            let version = thing.version.checked_sub(count).filter(|_| last == thing.last);
            before.push(stored(version.ok_or_else(|| {
                let (kind, number) = (thing.kind, thing.number);
                Fault::Misuse(format!("the state of {kind} {number} is not that after"))
            })?)?);
        }
        if let Some((kind, number)) = events.into_keys().next() {
            let what = format!("{kind} {number} has an event, and no state after it");
            return Err(Fault::Misuse(what));
        }
        let stale = Ask::of(&self.stale).column(&changes.things, |it| it.kind);
        Ok(stale.bind(numbers(&changes.things, |it| it.number)?).bind(before))
    }

    /// Asks for a name that is new in the batch and belongs to another one.
    pub fn taken(&self, things: &[Thing]) -> Result<Option<Ask>, Fault> {
        let named = things.iter().filter(|it| it.name.is_some()).collect::<Vec<_>>();
        if named.is_empty() {
            return Ok(None);
        }
        let numbers = named.iter().map(|it| stored(it.number)).collect::<Result<Vec<_>, _>>()?;
        let taken = Ask::of(&self.taken).column(&named, |it| it.kind).bind(numbers);
        Ok(Some(taken.column(&named, |it| it.name.as_ref().map(Blob::from))))
    }

    /// What the first of these questions says, as a conflict.
    pub fn stale_one(rows: &[Row]) -> Result<(), Fault> {
        let Some(row) = rows.first() else { return Ok(()) };
        Err(Fault::Conflict(format!("{} {}", take::<&str>(row, 0)?, number(row, 1)?)))
    }

    /// What the second one says.
    pub fn taken_one(rows: &[Row]) -> Result<(), Fault> {
        let Some(row) = rows.first() else { return Ok(()) };
        let name = perhaps_text(row, 1)?.unwrap_or_default();
        Err(Fault::Conflict(format!("{} {name}", take::<&str>(row, 0)?)))
    }

    /// Writes them; how they stood has been checked.
    pub fn put(&self, things: &[Thing]) -> Result<Ask, Fault> {
        Ok(Ask::of(&self.put)
            .column(things, |it| it.kind)
            .bind(numbers(things, |it| it.number)?)
            .column(things, |it| it.name.as_ref().map(Blob::from))
            .bind(numbers(things, |it| it.version)?)
            .bind(numbers(things, |it| it.last)?)
            .column(things, |it| it.case.kind)
            .bind(numbers(things, |it| it.case.number)?)
            .column(things, |it| Blob(Arc::clone(&it.state))))
    }

    /// The one with that number.
    pub fn numbered(&self, kind: &'static str, number: u64) -> Ask {
        Ask::of(&self.numbered).bind(kind).bind(capped(number))
    }

    /// The one that people call so.
    pub fn named(&self, kind: &'static str, name: &str) -> Ask {
        Ask::of(&self.named).bind(kind).bind(Blob::from(name))
    }

    /// The one that was read, if there was one.
    pub fn thing(&self, store: &PostgresStore, rows: &[Row]) -> Result<Option<Thing>, Fault> {
        let Some(row) = rows.first() else { return Ok(None) };
        let own = number(row, 1)?;
        let kind = take::<&str>(row, 0)?;
        let place = || format!("{}.thing {kind} {own}", self.context);
        let case_kind = store.name(take(row, 5)?);
        Ok(Some(Thing {
            kind: store.known(kind, place)?,
            number: own,
            name: perhaps_text(row, 2)?,
            version: number(row, 3)?,
            last: number(row, 4)?,
            case: Case { kind: case_kind, number: number(row, 6)? },
            state: bytes(row, 7)?,
        }))
    }
}

fn numbers(things: &[Thing], of: fn(&Thing) -> u64) -> Result<Vec<i64>, Fault> {
    things.iter().map(|it| stored(of(it))).collect()
}

//! Where a context stands: one row that whoever writes holds locked.

use std::{collections::BTreeMap, sync::Arc};

use runtime::store::{Changes, Turn};
use tokio_postgres::Row;

use crate::{
    ask::{Ask, at_most},
    context::sql,
    fault::Fault,
    taken::{number, stored},
};

/// The statements about it.
#[derive(Debug)]
pub struct Head {
    lock: Arc<str>,
    step: Arc<str>,
    count: Arc<str>,
    all: Arc<str>,
    stale: Arc<str>,
}

impl Head {
    /// Of the context with that schema.
    pub fn of(schema: &str) -> Self {
        Self {
            lock: sql(format!("SELECT position, revision FROM {schema}.head FOR UPDATE")),
            step: sql(format!(
                "UPDATE {schema}.head SET position = position + $1, revision = revision + 1"
            )),
            count: sql(format!(
                "INSERT INTO {schema}.event (name, schema, count)
                   SELECT name, schema, coalesce(count, 0)
                     FROM unnest($1::text[], $2::int[], $3::bigint[]) AS it (name, schema, count)
                 ON CONFLICT (name) DO UPDATE SET
                   schema = greatest(event.schema, excluded.schema),
                   count = greatest(event.count, excluded.count)"
            )),
            stale: sql(format!("SELECT name FROM {schema}.view WHERE is_stale")),
            // One statement, and so one moment.
            all: sql(format!(
                "SELECT 0, '', position FROM {schema}.head
                 UNION ALL
                 SELECT 1, kind, newest FROM unnest($1::text[]) AS it (kind)
                   CROSS JOIN LATERAL
                   (SELECT max(number) AS newest FROM {schema}.thing
                     WHERE thing.kind = it.kind) AS newest
                   WHERE newest IS NOT NULL
                 UNION ALL
                 SELECT 2, name, count FROM {schema}.event"
            )),
        }
    }

    /// Waits until nobody else writes to it.
    pub fn lock(&self) -> Ask {
        Ask::of(&self.lock)
    }

    /// What that says.
    pub fn turn(rows: &[Row]) -> Result<Turn, Fault> {
        let no_head = || Fault::Unreadable("the head of a context".into(), "it is gone".into());
        let row = rows.first().ok_or_else(no_head)?;
        Ok(Turn { position: number(row, 0)?, revision: number(row, 1)? })
    }

    /// One commit further, and so many events.
    pub fn step(&self, events: usize) -> Ask {
        Ask::of(&self.step).bind(at_most(events))
    }

    /// How many events of each name there are now, and the newest shape of each.
    pub fn count(&self, changes: &Changes) -> Result<Option<Ask>, Fault> {
        let mut names: BTreeMap<&'static str, (u32, Option<u64>)> = BTreeMap::new();
        for event in &changes.events {
            let (schema, _) = names.entry(event.name).or_default();
            *schema = event.schema.max(*schema);
        }
        for (name, count) in &changes.tallies {
            names.entry(name).or_default().1 = Some(*count);
        }
        if names.is_empty() {
            return Ok(None);
        }
        let schemas = names.values().map(|(schema, _)| schema.cast_signed()).collect::<Vec<_>>();
        let counts = names.values().map(|(_, count)| count.map(stored).transpose());
        let counts = counts.collect::<Result<Vec<_>, _>>()?;
        let names = names.into_keys().collect::<Vec<_>>();
        Ok(Some(Ask::of(&self.count).bind(names).bind(schemas).bind(counts)))
    }

    /// The position, the last number of each kind, and how many events there are by name.
    pub fn all(&self, kinds: &[&'static str]) -> Ask {
        Ask::of(&self.all).bind(kinds.to_vec())
    }

    /// The views whose columns are not all filled.
    pub fn stale(&self) -> Ask {
        Ask::of(&self.stale)
    }
}

//! Where a context stands: one row, written once in a commit.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};
use serde_json::Error as Unreadable;

use crate::fault::Fault;

/// Where a context stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    /// The last position of its journal.
    pub position: u64,
    /// For every event, by word: the newest version that was written, and how many there are.
    pub events: BTreeMap<i64, (u32, u64)>,
    /// For every view, by word: how many rows it has.
    pub rows: BTreeMap<i64, u64>,
}

impl Ledger {
    /// As it is stored.
    pub fn read(connection: &Connection, context: i64) -> Result<Self, Fault> {
        let sql = "SELECT position, events, rows FROM ledger WHERE context = ?1";
        let mut select = connection.prepare_cached(sql)?;
        let stored = select
            .query_row([context], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .optional()?;
        let Some((position, events, rows)) = stored else { return Ok(Self::default()) };
        let events =
            serde_json::from_str::<Vec<(i64, u32, u64)>>(&events).map_err(|it| unreadable(&it))?;
        let rows = serde_json::from_str::<Vec<(i64, u64)>>(&rows).map_err(|it| unreadable(&it))?;
        let events = events.into_iter().map(|(word, schema, count)| (word, (schema, count)));
        Ok(Self { position, events: events.collect(), rows: rows.into_iter().collect() })
    }

    /// Stores it.
    pub fn write(&self, connection: &Connection, context: i64) -> Result<(), Fault> {
        let events = self.events.iter().map(|(word, (schema, count))| (word, schema, count));
        let events =
            serde_json::to_string(&events.collect::<Vec<_>>()).map_err(|it| unreadable(&it))?;
        let rows = self.rows.iter().collect::<Vec<_>>();
        let rows = serde_json::to_string(&rows).map_err(|it| unreadable(&it))?;
        let sql = "INSERT INTO ledger (context, position, events, rows) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (context) DO UPDATE SET
                     position = excluded.position, events = excluded.events, rows = excluded.rows";
        connection.prepare_cached(sql)?.execute((context, self.position, events, rows))?;
        Ok(())
    }
}

/// Every event that any journal holds: the context, its name, the newest version.
pub fn written(connection: &Connection) -> rusqlite::Result<Vec<(String, String, u32)>> {
    let mut select = connection.prepare(
        "SELECT context.text, event.text, entry.value ->> 1
           FROM ledger
           JOIN word AS context ON context.id = ledger.context
           JOIN json_each(ledger.events) AS entry
           JOIN word AS event ON event.id = entry.value ->> 0",
    )?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn unreadable(error: &Unreadable) -> Fault {
    Fault::Unreadable("the ledger of a context".to_owned(), error.to_string())
}

//! The provider's own durable record.

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, params};
use thiserror::Error;

/// One charge as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// The idempotency key.
    pub key: String,
    /// The order it was for.
    pub order_id: String,
    /// In won.
    pub amount: u64,
    /// What was answered, as JSON.
    pub outcome: String,
}

/// Why the record cannot be used.
#[derive(Debug, Error)]
#[error("the payment provider's record {path} cannot be used: {source}")]
pub struct OpenError {
    path: String,
    source: rusqlite::Error,
}

/// The record.
pub struct Record(Mutex<Connection>);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS charge (
    key TEXT PRIMARY KEY, order_id TEXT NOT NULL, amount INTEGER NOT NULL, outcome TEXT NOT NULL)";

impl Record {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let open = || {
            let connection = Connection::open(path)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.execute(TABLE, [])?;
            Ok(Self(Mutex::new(connection)))
        };
        open().map_err(|source| OpenError { path: path.display().to_string(), source })
    }

    /// Keeps a charge, unless its key was used before: then that one counts.
    pub fn keep(&self, new: &Charged) -> Result<Charged, rusqlite::Error> {
        let connection = self.0.lock();
        let mut find = connection.prepare_cached("SELECT * FROM charge WHERE key = ?1")?;
        if let Some(kept) = find.query_row([&new.key], read).optional()? {
            return Ok(kept);
        }
        let amount = i64::try_from(new.amount).unwrap_or(i64::MAX);
        connection
            .prepare_cached("INSERT INTO charge VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![new.key, new.order_id, amount, new.outcome])?;
        Ok(new.clone())
    }

    pub fn all(&self) -> Result<Vec<Charged>, rusqlite::Error> {
        let connection = self.0.lock();
        let mut all = connection.prepare("SELECT * FROM charge ORDER BY rowid")?;
        all.query_map([], read)?.collect()
    }
}

fn read(row: &Row<'_>) -> Result<Charged, rusqlite::Error> {
    let amount: i64 = row.get(2)?;
    Ok(Charged {
        key: row.get(0)?,
        order_id: row.get(1)?,
        amount: amount.unsigned_abs(),
        outcome: row.get(3)?,
    })
}

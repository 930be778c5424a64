//! How far the subscriptions of a context are.

use kernel::Time;
use runtime::store::Progress;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    fault::Fault,
    part::{Part, quoted},
    words::Words,
};

/// How far the subscriptions of one context are.
#[derive(Debug)]
pub struct Subscriptions {
    table: String,
    stands: String,
    put: String,
    all: String,
}

impl Subscriptions {
    /// Of that context.
    pub fn of(context: &str) -> Self {
        let table = format!("{context}/progress");
        let progress = quoted(&table);
        Self {
            stands: format!(
                "SELECT position, epoch, owner FROM {progress} WHERE subscription = ?1 AND source = ?2"
            ),
            put: format!(
                "INSERT OR REPLACE INTO {progress} (subscription, source, position, done,
                   refused, abandoned, owner, epoch, until)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ),
            all: format!(
                "SELECT subscription, source, position, done, refused, abandoned, owner, epoch,
                   until FROM {progress}"
            ),
            table,
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        let columns = "subscription INTEGER NOT NULL, source INTEGER NOT NULL,
            position INTEGER NOT NULL, done INTEGER NOT NULL, refused INTEGER NOT NULL,
            abandoned INTEGER NOT NULL, owner TEXT NOT NULL, epoch INTEGER NOT NULL,
            until INTEGER NOT NULL, PRIMARY KEY (subscription, source)";
        vec![Part::table(&self.table, columns, "WITHOUT ROWID")]
    }

    /// Moves one on, if it stands where the batch found it and its lease still holds.
    pub fn put(&self, connection: &Connection, words: &Words, it: &Progress) -> Result<(), Fault> {
        let subscription = words.number(connection, &it.subscription)?;
        let source = words.number(connection, it.source)?;
        let mut stands = connection.prepare_cached(&self.stands)?;
        let stored = stands
            .query_row((subscription, source), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (position, epoch, owner): (u64, u64, String) = stored.unwrap_or_default();
        let is_taken = epoch.checked_add(1) == Some(it.epoch);
        let is_held = is_taken || (epoch == it.epoch && *owner == *it.owner);
        if position != it.before || !is_held {
            return Err(Fault::Fenced(it.subscription.to_string()));
        }
        connection.prepare_cached(&self.put)?.execute(params![
            subscription,
            source,
            it.position,
            it.done,
            it.refused,
            it.abandoned,
            it.owner,
            it.epoch,
            it.until.0,
        ])?;
        Ok(())
    }

    /// All of them, by name.
    pub fn all(&self, connection: &Connection, words: &Words) -> Result<Vec<Progress>, Fault> {
        let mut select = connection.prepare_cached(&self.all)?;
        let mut rows = select.query([])?;
        let words = words.list();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let position = row.get(2)?;
            all.push(Progress {
                subscription: words.text(row.get(0)?)?,
                source: words.name(row.get(1)?)?,
                position,
                before: position,
                done: row.get(3)?,
                refused: row.get(4)?,
                abandoned: row.get(5)?,
                owner: row.get(6)?,
                epoch: row.get(7)?,
                until: Time(row.get(8)?),
            });
        }
        all.sort_unstable_by(|a, b| (&a.subscription, a.source).cmp(&(&b.subscription, b.source)));
        Ok(all)
    }
}

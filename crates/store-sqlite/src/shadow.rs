//! Shadows of views: tables like those of the views, beside them.

use std::collections::HashSet;

use runtime::store::{Progress, Row, Shadows, Shown, StoreError};
use rusqlite::Connection;

use crate::{
    SqliteStore,
    context::Context,
    fault::Fault,
    part::{Part, at_most, bytes, capped, quoted},
    rows::{Field, View},
};

/// How many rows are removed in one commit.
const REMOVED: usize = 4096;

impl Shadows for SqliteStore {
    fn make(&self, context: &'static str, view: &'static str) -> Result<(), StoreError> {
        let (view, shadow) = self.context(context)?.with_shadow(view)?;
        self.writer.lock().transact(&self.words, |connection, _| {
            drop_table(connection, &shadow.table)?;
            connection.execute_batch(&shadow.table().sql)?;
            for index in indexes(connection, view, shadow)? {
                connection.execute_batch(&index.sql)?;
            }
            Ok(())
        })
    }

    fn write(&self, context: &'static str, rows: &[Row]) -> Result<(), StoreError> {
        let context = self.context(context)?;
        self.writer.lock().transact(&self.words, |connection, _| {
            let there = there(connection)?;
            for row in rows {
                must_be(&there, context.with_shadow(row.view)?.1)?;
                context.with_shadow(row.view)?.1.put(connection, row)?;
            }
            Ok(())
        })
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        let (_, shadow) = self.context(context)?.with_shadow(view)?;
        Ok(self.read(|connection| shadow.numbered(connection, number))?)
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Shown>, StoreError> {
        let (_, shadow) = self.context(context)?.with_shadow(view)?;
        Ok(self.read(|connection| {
            let sql = format!(
                "SELECT number, version, row FROM {} WHERE number > ?1 ORDER BY number LIMIT ?2",
                quoted(&shadow.table)
            );
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map((capped(after), at_most(limit)), |row| {
                let (number, version, row) = (row.get(0)?, row.get(1)?, bytes(row, 2)?);
                Ok(Shown { number, version, row, sorted_by: None })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?)
    }

    /// Only names change, however many rows there are.
    fn switch(
        &self,
        context: &'static str,
        view: &'static str,
        mark: &Progress,
    ) -> Result<(), StoreError> {
        let context = self.context(context)?;
        let (view, shadow) = context.with_shadow(view)?;
        self.writer.lock().transact(&self.words, |connection, ledgers| {
            must_be(&there(connection)?, shadow)?;
            context.subscriptions.put(connection, &self.words, mark)?;
            let between = format!("{}/switched", shadow.table);
            rename(connection, &view.table, &between)?;
            rename(connection, &shadow.table, &view.table)?;
            rename(connection, &between, &shadow.table)?;
            let ledger = &mut ledgers[context.index];
            ledger.rows.insert(view.word, view.count(connection, &[])?);
            ledger.write(connection, context.word)
        })
    }

    fn remove(&self, context: &'static str, view: &'static str) -> Result<bool, StoreError> {
        let (_, shadow) = self.context(context)?.with_shadow(view)?;
        self.writer.lock().transact(&self.words, |connection, _| {
            if !there(connection)?.contains(&shadow.table.to_lowercase()) {
                return Ok(true);
            }
            let table = quoted(&shadow.table);
            let some = format!(
                "DELETE FROM {table} WHERE number IN (SELECT number FROM {table} LIMIT {REMOVED})"
            );
            if connection.execute(&some, [])? == REMOVED {
                return Ok(false);
            }
            drop_table(connection, &shadow.table)?;
            Ok(true)
        })
    }
}

/// What was left behind when a process ended in the middle.
pub fn remove_all(connection: &Connection, contexts: &[Context]) -> Result<(), Fault> {
    for name in there(connection)? {
        if contexts
            .iter()
            .any(|it| name.starts_with(&format!("{}/shadow/", it.name.to_lowercase())))
        {
            drop_table(connection, &name)?;
        }
    }
    Ok(())
}

/// The indexes of a shadow. When it has become the view they keep their names,
/// so that the next shadow has to take others: there are two for each field.
fn indexes(connection: &Connection, view: &View, shadow: &View) -> Result<Vec<Part>, Fault> {
    let mut taken = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'index'")?;
    let taken = taken.query_map([], |row| row.get::<_, String>(0))?;
    let taken = taken.collect::<rusqlite::Result<HashSet<_>>>()?;
    let index = |(own, field): (&Field, &Field)| {
        let is_taken = taken.contains(&own.index);
        let name = if is_taken { format!("{}/2", own.index) } else { own.index.clone() };
        Part::index(&name, &shadow.table, &format!("({})", quoted(&field.column)))
    };
    Ok(view.fields.iter().zip(&shadow.fields).map(index).collect())
}

fn there(connection: &Connection) -> Result<HashSet<String>, Fault> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let names = tables.query_map([], |row| Ok(row.get::<_, String>(0)?.to_lowercase()))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// To the engine a table that is missing is as grave as a disk that fails.
fn must_be(there: &HashSet<String>, shadow: &View) -> Result<(), Fault> {
    let missing = || Fault::Misuse(format!("{} has no shadow", shadow.name));
    there.contains(&shadow.table.to_lowercase()).then_some(()).ok_or_else(missing)
}

fn drop_table(connection: &Connection, table: &str) -> Result<(), Fault> {
    Ok(connection.execute_batch(&format!("DROP TABLE IF EXISTS {}", quoted(table)))?)
}

fn rename(connection: &Connection, from: &str, to: &str) -> Result<(), Fault> {
    let rename = format!("ALTER TABLE {} RENAME TO {}", quoted(from), quoted(to));
    Ok(connection.execute_batch(&rename)?)
}

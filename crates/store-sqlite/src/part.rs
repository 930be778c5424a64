//! A table or an index, by the name the schema knows it by.

use std::sync::Arc;

use rusqlite::Row;

/// A table or an index.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// How it is made.
    pub sql: String,
}

impl Part {
    /// A table with these columns; `rest` follows the closing bracket.
    pub fn table(name: &str, columns: &str, rest: &str) -> Self {
        let sql = format!("CREATE TABLE {} ({columns}) {rest}", quoted(name));
        Self { name: name.to_owned(), sql }
    }

    /// An index of a table; `rest` is the columns in brackets, and a condition.
    pub fn index(name: &str, table: &str, rest: &str) -> Self {
        let sql = format!("CREATE INDEX {} ON {} {rest}", quoted(name), quoted(table));
        Self { name: name.to_owned(), sql }
    }

    /// The same, but nothing may stand in it twice.
    pub fn unique(name: &str, table: &str, rest: &str) -> Self {
        let Self { name, sql } = Self::index(name, table, rest);
        Self { name, sql: sql.replacen("CREATE INDEX", "CREATE UNIQUE INDEX", 1) }
    }
}

/// A name as it stands in a statement: whatever is in it, it is only a name.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What stands there, whatever the engine takes it for: somebody may have
/// written to it by hand, and made a text of it. That it is no JSON any more is
/// the business of whoever reads it.
pub fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<[u8]>> {
    Ok(row.get_ref(column)?.as_bytes().unwrap_or_default().into())
}

/// A number to compare with: nothing that is stored is as great as the greatest.
pub fn capped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many at the most.
pub fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

//! A hand in the databases while nobody has them open: what a mistake, or a bad version, leaves.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

/// Puts another body into an event; the one that was there.
pub fn body(database: &Path, context: &str, position: u64, body: &[u8]) -> Result<Vec<u8>> {
    let connection = Connection::open(database)?;
    let table = format!("\"{context}/journal\"");
    let sql = format!("SELECT body FROM {table} WHERE position = ?1");
    let before = connection.query_one(&sql, [position], |row| row.get(0))?;
    let sql = format!("UPDATE {table} SET body = ?2 WHERE position = ?1");
    ensure!(connection.execute(&sql, (position, body))? == 1, "an event at {context}:{position}");
    Ok(before)
}

/// Puts another state into a thing; the one that was there.
pub fn state(database: &Path, thing: (&str, &str, u64), state: &[u8]) -> Result<Vec<u8>> {
    let (context, kind, number) = thing;
    let connection = Connection::open(database)?;
    let table = format!("\"{context}/thing/{kind}\"");
    let sql = format!("SELECT state FROM {table} WHERE number = ?1");
    let before = connection.query_one(&sql, [number], |row| row.get(0));
    let before = before.with_context(|| format!("{kind} {number}"))?;
    let sql = format!("UPDATE {table} SET state = ?2 WHERE number = ?1");
    ensure!(connection.execute(&sql, (number, state))? == 1, "{kind} {number}");
    Ok(before)
}

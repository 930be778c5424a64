//! Taking values out of a row.

use std::sync::Arc;

use tokio_postgres::{Row, types::FromSql};

use crate::fault::Fault;

/// The value in a column.
pub fn take<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Fault> {
    row.try_get(column).map_err(|error| Fault::unreadable(&error))
}

/// A number that is not below zero.
pub fn number(row: &Row, column: usize) -> Result<u64, Fault> {
    let stored: i64 = take(row, column)?;
    let negative = |_| Fault::Unreadable("a number".to_owned(), format!("{stored} is negative"));
    u64::try_from(stored).map_err(negative)
}

/// A small one.
pub fn small(row: &Row, column: usize) -> Result<u32, Fault> {
    let stored: i32 = take(row, column)?;
    let negative = |_| Fault::Unreadable("a number".to_owned(), format!("{stored} is negative"));
    u32::try_from(stored).map_err(negative)
}

/// Bytes to be shared.
pub fn bytes(row: &Row, column: usize) -> Result<Arc<[u8]>, Fault> {
    take::<&[u8]>(row, column).map(Arc::from)
}

/// Any text: it is stored as its bytes.
pub fn text(row: &Row, column: usize) -> Result<Arc<str>, Fault> {
    text_of(take::<&[u8]>(row, column)?).map(Arc::from)
}

/// The same, or nothing.
pub fn perhaps_text(row: &Row, column: usize) -> Result<Option<Arc<str>>, Fault> {
    let stored = take::<Option<&[u8]>>(row, column)?;
    stored.map(|it| text_of(it).map(Arc::from)).transpose()
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    let wrong = |it: std::str::Utf8Error| Fault::Unreadable("a text".to_owned(), it.to_string());
    std::str::from_utf8(bytes).map_err(wrong)
}

/// A number as it is stored.
pub fn stored(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::Misuse(format!("{number} is too great to be stored")))
}

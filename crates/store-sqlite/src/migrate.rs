//! How the tables came to be as they are, step by step.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::part::quoted;

/// "mada" in ASCII: how a file says that it is ours.
pub const APPLICATION: i32 = 0x6d61_6461;

/// One step from a version of the tables to the next.
pub type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// All steps there ever were; the version of the tables is how many were done.
/// What belongs to a context is made when the context is first seen.
pub const STEPS: &[Step] = &[beginnings, ends_are_counted];

fn beginnings(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
         CREATE TABLE ledger (
           context INTEGER PRIMARY KEY, position INTEGER NOT NULL,
           events TEXT NOT NULL, rows TEXT NOT NULL);
         CREATE TABLE stale (
           context INTEGER NOT NULL, view INTEGER NOT NULL,
           PRIMARY KEY (context, view)) WITHOUT ROWID;",
    )
}

/// A delivery knows how often the process ended while it was in hand.
fn ends_are_counted(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%/delivery'";
    let mut tables = transaction.prepare(sql)?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
    for table in tables.collect::<rusqlite::Result<Vec<_>>>()? {
        let table = quoted(&table);
        let add = format!("ALTER TABLE {table} ADD COLUMN ended INTEGER NOT NULL DEFAULT 0");
        transaction.execute_batch(&add)?;
    }
    Ok(())
}

/// Does the steps that were not done yet, each in a transaction of its own;
/// says whether there were any.
pub fn migrate(connection: &mut Connection, steps: &[Step]) -> rusqlite::Result<bool> {
    let done = version(connection)?;
    for (number, step) in (1..).zip(steps).skip(usize::try_from(done).unwrap_or(usize::MAX)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step(&transaction)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(version(connection)? != done)
}

/// The version of the tables.
pub fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The newest version there is.
pub fn newest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_done() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(migrate(&mut connection, &[beginnings]).unwrap());
        connection.execute("INSERT INTO word VALUES (1, 'kept')", []).unwrap();

        let longer: &[Step] = &[beginnings, |it| it.execute_batch("ALTER TABLE word ADD extra")];
        assert!(migrate(&mut connection, longer).unwrap());
        assert!(!migrate(&mut connection, longer).unwrap());

        assert_eq!(version(&connection).unwrap(), 2);
        let kept = "SELECT text FROM word WHERE extra IS NULL";
        assert_eq!(connection.query_one(kept, [], |row| row.get(0)), Ok("kept".to_owned()));
    }

    #[test]
    fn deliveries_of_an_older_program_have_ended_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &STEPS[..1]).unwrap();
        let older = "CREATE TABLE \"shop/delivery\" (position INTEGER PRIMARY KEY);
                     INSERT INTO \"shop/delivery\" VALUES (7)";
        connection.execute_batch(older).unwrap();
        assert!(migrate(&mut connection, STEPS).unwrap());
        let kept = "SELECT position, ended FROM \"shop/delivery\"";
        let kept = connection.query_one(kept, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(kept, Ok((7, 0)));
    }

    #[test]
    fn a_step_that_fails_leaves_no_trace() {
        let mut connection = Connection::open_in_memory().unwrap();
        let failing: &[Step] = &[beginnings, |it| it.execute_batch("DROP TABLE word; nonsense")];
        assert!(migrate(&mut connection, failing).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.execute("INSERT INTO word VALUES (1, 'there')", []).is_ok());
    }
}

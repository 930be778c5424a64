//! How the tables came to be as they are, step by step.

use crate::{
    ask::{Ask, quoted},
    error::Why,
    fault::Fault,
    session::Session,
    tables::{MARK, VERSION, first},
    taken::take,
};

/// Everybody who makes room for something does so one after another: the key
/// of the lock is "madang" in ASCII.
const LOCK: i64 = 0x6d61_6461_6e67;

/// What was found before anything was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// No schema of that name.
    Nothing,
    /// One with nothing in it.
    Empty,
    /// One of ours, with tables of that version.
    Ours(i32),
    /// One of somebody else.
    Theirs,
}

/// Opens a transaction in which nobody else makes room for anything.
pub async fn begin(session: &mut Session) -> Result<(), Fault> {
    let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
    session.all(&[Ask::plain("BEGIN"), Ask::plain(&lock)]).await.map(|_| ())
}

/// Brings the tables of a context up to date.
pub async fn migrate(session: &mut Session, schema: &str) -> Result<(), Why> {
    let found = look(session, schema).await?;
    match found {
        Found::Ours(VERSION) => {}
        Found::Ours(found) if found > VERSION => {
            let (schema, known) = (schema.to_owned(), VERSION);
            return Err(Why::Newer { schema, found, known });
        }
        Found::Theirs | Found::Ours(_) => {
            return Err(Why::NotOurs(schema.to_owned()));
        }
        Found::Nothing | Found::Empty => {
            if found == Found::Nothing {
                session.batch(&format!("CREATE SCHEMA {}", quoted(schema))).await?;
            }
            session.batch(&first(schema)).await?;
        }
    }
    Ok(())
}

/// The schemas that are ours.
pub fn ours() -> Ask {
    Ask::plain(&format!(
        "SELECT nspname::text FROM pg_namespace JOIN pg_class ON relnamespace = pg_namespace.oid
         WHERE relname = '{MARK}' ORDER BY 1"
    ))
}

async fn look(session: &mut Session, schema: &str) -> Result<Found, Fault> {
    let look = Ask::plain(
        "SELECT pg_class.relname::text FROM pg_namespace
           LEFT JOIN pg_class ON relnamespace = pg_namespace.oid
          WHERE nspname = $1::text ORDER BY relname = 'madang' DESC NULLS LAST LIMIT 1",
    );
    let rows = session.ask(&look.bind(schema.to_owned())).await?;
    let Some(row) = rows.first() else { return Ok(Found::Nothing) };
    match take::<Option<&str>>(row, 0)? {
        None => Ok(Found::Empty),
        Some(MARK) => {
            let version = format!("SELECT tables FROM {}.{MARK}", quoted(schema));
            let rows = session.ask(&Ask::plain(&version)).await?;
            rows.first().map_or(Ok(Found::Theirs), |row| Ok(Found::Ours(take(row, 0)?)))
        }
        Some(_) => Ok(Found::Theirs),
    }
}

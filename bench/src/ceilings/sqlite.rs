//! Stores as many rows for every request as ours does, in tables and indexes
//! like ours, and does nothing else: no rules, no JSON, no deliveries. Whatever
//! waits goes into one transaction; the log is copied by another thread.

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use anyhow::Result;
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use clap::Args;
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

/// How many rows there are for a request.
#[derive(Debug, Clone, Args)]
pub struct Rows {
    /// The database.
    database: PathBuf,
    /// Events: a row and an index of two columns.
    events: u64,
    /// States: a row.
    states: u64,
    /// Rows of views: a row and three indexes.
    shown: u64,
    /// Answers under a key: a row and an index in no order.
    answers: u64,
}

/// As many as ours takes at once.
const BATCH: usize = 512;
const QUEUE: usize = 8192;
/// The log is copied when it has so many pages.
const CHECKPOINT: i64 = 2_000;

const TABLES: &str = r"
CREATE TABLE event (position INTEGER PRIMARY KEY, name INTEGER, kind INTEGER, number INTEGER,
    version INTEGER, at INTEGER, actor TEXT, role TEXT, case_kind INTEGER, case_number INTEGER,
    command INTEGER, body BLOB);
CREATE INDEX event_case ON event (case_number, case_kind);
CREATE TABLE state (number INTEGER PRIMARY KEY, version INTEGER, last INTEGER, body BLOB);
CREATE TABLE row (number INTEGER PRIMARY KEY, version INTEGER, a TEXT, b INTEGER, c TEXT, body BLOB);
CREATE INDEX row_a ON row (a);
CREATE INDEX row_b ON row (b);
CREATE INDEX row_c ON row (c);
CREATE TABLE answer (id INTEGER PRIMARY KEY, half INTEGER, scope BLOB, body BLOB, at INTEGER, said BLOB);
CREATE INDEX answer_half ON answer (half);
";

type Work = (Bytes, oneshot::Sender<()>);

/// `POST /repair/requests`.
pub fn router(rows: &Rows) -> Result<Router> {
    let (queue, inbox) = mpsc::channel(QUEUE);
    let connection = open(rows)?;
    connection.execute_batch(TABLES)?;
    let other = open(rows)?;
    let rows = rows.clone();
    thread::spawn(move || write(connection, &rows, inbox));
    thread::spawn(move || checkpoint(&other));
    let queue: Arc<mpsc::Sender<Work>> = Arc::new(queue);
    Ok(Router::new().route("/repair/requests", post(store)).with_state(queue))
}

async fn store(State(queue): State<Arc<mpsc::Sender<Work>>>, body: Bytes) -> (StatusCode, Bytes) {
    let (done, durable) = oneshot::channel();
    let sent = queue.send((body.clone(), done)).await;
    match (sent, durable.await) {
        (Ok(()), Ok(())) => (StatusCode::CREATED, body),
        _ => (StatusCode::SERVICE_UNAVAILABLE, Bytes::new()),
    }
}

fn open(rows: &Rows) -> Result<Connection> {
    let connection = Connection::open(&rows.database)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn write(mut connection: Connection, rows: &Rows, mut inbox: mpsc::Receiver<Work>) {
    let mut number = 0;
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.blocking_recv_many(&mut batch, BATCH) > 0 {
        let written = (|| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for (body, _) in &batch {
                number += 1;
                put(&transaction, rows, number, body)?;
            }
            transaction.commit()
        })();
        if let Err(error) = written {
            eprintln!("{error}");
            return;
        }
        for (_, done) in batch.drain(..) {
            // The caller may have gone.
            let _ = done.send(());
        }
    }
}

fn put(connection: &Connection, rows: &Rows, number: u64, body: &[u8]) -> rusqlite::Result<()> {
    let (name, status) = ("customer", format!("고객 {number:012}"));
    for event in 0..rows.events {
        let position = number * rows.events + event;
        connection
            .prepare_cached("INSERT INTO event VALUES (?1, 1, 2, ?2, 1, ?3, ?4, ?4, 3, ?2, 4, ?5)")?
            .execute(params![position, number, position, name, body])?;
    }
    for state in 0..rows.states {
        connection.prepare_cached("INSERT INTO state VALUES (?1, 1, ?2, ?3)")?.execute(params![
            number * rows.states + state,
            number,
            body
        ])?;
    }
    for row in 0..rows.shown {
        connection
            .prepare_cached("INSERT INTO row VALUES (?1, 1, 'REQUESTED', ?2, ?3, ?4)")?
            .execute(params![number * rows.shown + row, number, status, body])?;
    }
    for answer in 0..rows.answers {
        // Fingerprints are in no order.
        let half = (number + answer).wrapping_mul(0x9e37_79b9_7f4a_7c15).cast_signed();
        connection
            .prepare_cached("INSERT INTO answer VALUES (NULL, ?1, ?2, ?2, ?3, ?4)")?
            .execute(params![half, half.to_be_bytes(), number, body])?;
    }
    Ok(())
}

/// Copies what can be copied, so that the log begins anew now and then.
fn checkpoint(connection: &Connection) {
    loop {
        thread::sleep(Duration::from_millis(20));
        let pages = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1));
        if pages.unwrap_or(0) >= CHECKPOINT {
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            let _ = connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
        }
    }
}

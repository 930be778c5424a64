//! Reads rows from a table of ours and sends them as they are stored.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use clap::Args;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

/// Which table.
#[derive(Debug, Args)]
pub struct Table {
    /// The database.
    database: PathBuf,
    /// The table.
    table: String,
}

/// As many connections as ours has.
const CONNECTIONS: usize = 4;

struct Rows {
    idle: Mutex<Vec<Connection>>,
    one: String,
    page: String,
}

#[derive(Debug, serde::Deserialize)]
struct After {
    after: Option<u64>,
}

/// `GET /rows/7`, and `GET /rows?after=7` for the twenty after it.
pub fn router(table: &Table) -> Result<Router> {
    let open = || -> Result<Connection> {
        let connection = Connection::open_with_flags(
            &table.database,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.pragma_update(None, "cache_size", -2 * 1024)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    };
    let idle = (0..CONNECTIONS).map(|_| open()).collect::<Result<Vec<_>>>()?;
    let name = table.table.replace('"', "\"\"");
    let rows = Rows {
        idle: Mutex::new(idle),
        one: format!("SELECT row FROM \"{name}\" WHERE number = ?1"),
        page: format!("SELECT row FROM \"{name}\" WHERE number > ?1 ORDER BY number LIMIT 20"),
    };
    let router = Router::new().route("/rows/{number}", get(one)).route("/rows", get(page));
    Ok(router.with_state(Arc::new(rows)))
}

async fn one(State(rows): State<Arc<Rows>>, Path(number): Path<u64>) -> impl IntoResponse {
    let found = rows.read(|connection| {
        let mut select = connection.prepare_cached(&rows.one)?;
        select.query_row([number], |row| row.get::<_, Vec<u8>>(0)).optional()
    });
    match found {
        Ok(Some(row)) => json(StatusCode::OK, row),
        Ok(None) => json(StatusCode::NOT_FOUND, Vec::new()),
        Err(_) => json(StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    }
}

async fn page(State(rows): State<Arc<Rows>>, Query(query): Query<After>) -> impl IntoResponse {
    let found = rows.read(|connection| {
        let mut select = connection.prepare_cached(&rows.page)?;
        let mut found = select.query([query.after.unwrap_or(0)])?;
        let mut body = vec![b'['];
        while let Some(row) = found.next()? {
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(row.get_ref(0)?.as_blob()?);
        }
        body.push(b']');
        Ok(body)
    });
    match found {
        Ok(body) => json(StatusCode::OK, body),
        Err(_) => json(StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    }
}

fn json(status: StatusCode, body: Vec<u8>) -> impl IntoResponse {
    (status, [(header::CONTENT_TYPE, "application/json")], body)
}

impl Rows {
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let connection = loop {
            if let Some(connection) = self.idle.lock().pop() {
                break connection;
            }
            std::thread::yield_now();
        };
        let found = read(&connection);
        self.idle.lock().push(connection);
        found
    }
}

//! How the engine goes about a statement: only by keys and indexes.

use rusqlite::OpenFlags;

use crate::{options::Options, part::Part};

/// What the engine would do, step by step.
pub fn plan(parts: &[Part], sql: &str) -> Vec<String> {
    let connection = Options::default().connect(":memory:", OpenFlags::default()).unwrap();
    for part in parts {
        connection.execute_batch(&part.sql).unwrap();
    }
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = explain.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>();
    steps.unwrap()
}

//! What was answered under idempotency keys.

use std::{collections::BTreeMap, sync::Arc};

use kernel::Time;
use runtime::store::Answer;
use tokio_postgres::Row;

use crate::{
    ask::{Ask, Blob, at_most},
    context::sql,
    fault::Fault,
    taken::{bytes, take},
};

/// What one context answered.
#[derive(Debug)]
pub struct Answers {
    put: Arc<str>,
    under: Arc<str>,
    purge: Arc<str>,
}

impl Answers {
    /// Of the context with that schema.
    pub fn of(schema: &str) -> Self {
        Self {
            put: sql(format!(
                "INSERT INTO {schema}.answer (scope, body, at, said)
                 SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[])
                 ON CONFLICT (scope) DO UPDATE SET
                   body = excluded.body, at = excluded.at, said = excluded.said"
            )),
            under: sql(format!("SELECT body, at, said FROM {schema}.answer WHERE scope = $1")),
            purge: sql(format!(
                "DELETE FROM {schema}.answer WHERE scope IN
                   (SELECT scope FROM {schema}.answer WHERE at < $1 ORDER BY at LIMIT $2
                    FOR UPDATE SKIP LOCKED)
                 RETURNING true"
            )),
        }
    }

    /// Keeps them. An older one under the same key has expired and gives way.
    pub fn put(&self, answers: &[Answer]) -> Ask {
        let last = answers.iter().map(|it| (it.scope, it)).collect::<BTreeMap<_, _>>();
        let answers = last.into_values().collect::<Vec<_>>();
        Ask::of(&self.put)
            .column(&answers, |it| it.scope.to_be_bytes().to_vec())
            .column(&answers, |it| it.body.to_be_bytes().to_vec())
            .column(&answers, |it| it.at.0)
            .column(&answers, |it| Blob(Arc::clone(&it.said)))
    }

    /// The one under that key.
    pub fn under(&self, scope: u128) -> Ask {
        Ask::of(&self.under).bind(scope.to_be_bytes().to_vec())
    }

    /// The one that was read, if there was one.
    pub fn answer(scope: u128, rows: &[Row]) -> Result<Option<Answer>, Fault> {
        let Some(row) = rows.first() else { return Ok(None) };
        let body = take::<&[u8]>(row, 0)?.try_into().map_err(|_| {
            Fault::Unreadable("an answer".to_owned(), "its fingerprint is cut off".to_owned())
        })?;
        let (at, said) = (Time(take(row, 1)?), bytes(row, 2)?);
        Ok(Some(Answer { scope, body: u128::from_be_bytes(body), at, said }))
    }

    /// Removes the oldest from before that time: a row for each.
    pub fn purge(&self, before: Time, limit: usize) -> Ask {
        Ask::of(&self.purge).bind(before.0).bind(at_most(limit))
    }
}

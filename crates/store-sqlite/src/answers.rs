//! What was answered under idempotency keys.

use kernel::Time;
use runtime::store::Answer;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    fault::Fault,
    part::{Part, at_most, quoted},
};

/// What one context answered.
///
/// The fingerprints are random, so that a tree of them is written to everywhere
/// and should be small. So the answers go to the end of one tree, where the
/// oldest are found at the beginning, and only half of each fingerprint goes
/// into another: that is enough to find it, and the whole is compared.
#[derive(Debug)]
pub struct Answers {
    table: String,
    put: String,
    under: String,
    purge: String,
}

impl Answers {
    /// Of that context.
    pub fn of(context: &str) -> Self {
        let table = format!("{context}/answer");
        let answers = quoted(&table);
        Self {
            put: format!(
                "INSERT INTO {answers} (half, scope, body, at, said) VALUES (?1, ?2, ?3, ?4, ?5)"
            ),
            under: format!(
                "SELECT body, at, said FROM {answers} WHERE half = ?1 AND scope = ?2
                 ORDER BY id DESC LIMIT 1"
            ),
            purge: format!(
                "DELETE FROM {answers} WHERE at < ?1 AND id IN
                   (SELECT id FROM {answers} ORDER BY id LIMIT ?2)"
            ),
            table,
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        let columns = "id INTEGER PRIMARY KEY, half INTEGER NOT NULL, scope BLOB NOT NULL,
            body BLOB NOT NULL, at INTEGER NOT NULL, said BLOB NOT NULL";
        let half = format!("{}/half", self.table);
        vec![Part::table(&self.table, columns, ""), Part::index(&half, &self.table, "(half)")]
    }

    /// Keeps one. An older one under the same key has expired: it is not found
    /// any more, and goes when its time comes.
    pub fn put(&self, connection: &Connection, answer: &Answer) -> Result<(), Fault> {
        connection.prepare_cached(&self.put)?.execute(params![
            half(answer.scope),
            answer.scope.to_be_bytes(),
            answer.body.to_be_bytes(),
            answer.at.0,
            &*answer.said,
        ])?;
        Ok(())
    }

    /// The one under that key.
    pub fn under(&self, connection: &Connection, scope: u128) -> Result<Option<Answer>, Fault> {
        let mut select = connection.prepare_cached(&self.under)?;
        let answer = select.query_row((half(scope), scope.to_be_bytes()), |row| {
            let body = u128::from_be_bytes(row.get(0)?);
            Ok(Answer { scope, body, at: Time(row.get(1)?), said: row.get(2)? })
        });
        Ok(answer.optional()?)
    }

    #[cfg(test)]
    pub fn under_sql(&self) -> &str {
        &self.under
    }

    /// Removes the oldest from before that time, and says how many.
    pub fn purge(
        &self,
        connection: &Connection,
        before: Time,
        limit: usize,
    ) -> Result<usize, Fault> {
        let mut purge = connection.prepare_cached(&self.purge)?;
        Ok(purge.execute((before.0, at_most(limit)))?)
    }
}

/// The lower half of a fingerprint.
fn half(scope: u128) -> i64 {
    u64::try_from(scope & u128::from(u64::MAX)).unwrap_or_default().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::Answers;
    use crate::plans::plan;

    #[test]
    fn an_answer_is_found_by_half_of_its_fingerprint() {
        let it = Answers::of("shop");
        let by_half = "SEARCH shop/answer USING INDEX shop/answer/half (half=?)";
        assert_eq!(plan(&it.parts(), &it.under), [by_half]);
    }
}

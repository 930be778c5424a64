//! How far the subscriptions of a context are.

use std::sync::Arc;

use kernel::Time;
use runtime::store::Progress;
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    ask::Ask,
    context::sql,
    fault::Fault,
    taken::{number, stored, take},
};

/// How far the subscriptions of one context are.
#[derive(Debug)]
pub struct Subscriptions {
    fenced: Arc<str>,
    put: Arc<str>,
    all: Arc<str>,
}

impl Subscriptions {
    /// Of that context.
    pub fn of(schema: &str) -> Self {
        let columns = "subscription, source, position, done, refused, abandoned, owner, epoch, \
                       until";
        Self {
            fenced: sql(format!(
                "SELECT it.subscription
                   FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
                     AS it (subscription, source, before, epoch, owner)
                   LEFT JOIN {schema}.progress AS held USING (subscription, source)
                  WHERE coalesce(held.position, 0) <> it.before
                     OR it.epoch <> coalesce(held.epoch, 0) + 1
                        AND (it.epoch = held.epoch AND it.owner = held.owner) IS NOT TRUE
                  LIMIT 1"
            )),
            put: sql(format!(
                "INSERT INTO {schema}.progress ({columns})
                 SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[],
                   $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::bigint[])
                 ON CONFLICT (subscription, source) DO UPDATE SET
                   position = excluded.position, done = excluded.done,
                   refused = excluded.refused, abandoned = excluded.abandoned,
                   owner = excluded.owner, epoch = excluded.epoch, until = excluded.until"
            )),
            all: sql(format!(
                "SELECT {columns} FROM {schema}.progress ORDER BY subscription, source"
            )),
        }
    }

    /// Asks for one that does not stand where the batch found it, or whose
    /// lease has passed to somebody else.
    pub fn fenced(&self, progress: &[Progress]) -> Result<Ask, Fault> {
        Ok(Ask::of(&self.fenced)
            .column(progress, |it| it.subscription.to_string())
            .column(progress, |it| it.source)
            .bind(numbers(progress, |it| it.before)?)
            .bind(numbers(progress, |it| it.epoch)?)
            .column(progress, |it| it.owner.to_string()))
    }

    /// What that says.
    pub fn fenced_one(rows: &[Row]) -> Result<(), Fault> {
        let Some(row) = rows.first() else { return Ok(()) };
        Err(Fault::Fenced(take(row, 0)?))
    }

    /// Moves them on; how they stood has been checked.
    pub fn put(&self, progress: &[Progress]) -> Result<Ask, Fault> {
        Ok(Ask::of(&self.put)
            .column(progress, |it| it.subscription.to_string())
            .column(progress, |it| it.source)
            .bind(numbers(progress, |it| it.position)?)
            .bind(numbers(progress, |it| it.done)?)
            .bind(numbers(progress, |it| it.refused)?)
            .bind(numbers(progress, |it| it.abandoned)?)
            .column(progress, |it| it.owner.to_string())
            .bind(numbers(progress, |it| it.epoch)?)
            .column(progress, |it| it.until.0))
    }

    /// All of them, by name.
    pub fn all(&self) -> Ask {
        Ask::of(&self.all)
    }

    /// All that were read.
    pub fn progress(store: &PostgresStore, rows: &[Row]) -> Result<Vec<Progress>, Fault> {
        let progress = rows.iter().map(|row| {
            let position = number(row, 2)?;
            Ok(Progress {
                subscription: take::<&str>(row, 0)?.into(),
                source: store.name(take(row, 1)?),
                position,
                before: position,
                done: number(row, 3)?,
                refused: number(row, 4)?,
                abandoned: number(row, 5)?,
                owner: take::<&str>(row, 6)?.into(),
                epoch: number(row, 7)?,
                until: Time(take(row, 8)?),
            })
        });
        progress.collect()
    }
}

fn numbers(progress: &[Progress], of: fn(&Progress) -> u64) -> Result<Vec<i64>, Fault> {
    progress.iter().map(|it| stored(of(it))).collect()
}

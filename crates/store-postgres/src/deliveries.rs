//! Deliveries that took a path of their own.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Case, Sentence, Time};
use runtime::store::{Delivery, DeliveryChange, DeliveryKey, Stage};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    ask::{Ask, Blob, at_most, capped},
    context::sql,
    fault::Fault,
    taken::{number, perhaps_text, small, stored, take},
};

/// The columns of a delivery, wherever it is stored.
pub const COLUMNS: &str = "subscription, position, source, stage, due, case_kind, case_number, \
                           attempts, since, reason_ko, reason_en, ended";

/// What is bound for them, one array for each.
pub const ARRAYS: &str = "$1::text[], $2::bigint[], $3::text[], $4::int[], $5::bigint[], \
                          $6::text[], $7::bigint[], $8::int[], $9::bigint[], $10::bytea[], \
                          $11::bytea[], $12::int[]";

/// The stages as they are stored: their place in this list.
const STAGES: [&str; 5] = ["waiting", "failed", "parked", "refused", "abandoned"];

/// The deliveries of one context.
#[derive(Debug)]
pub struct Deliveries {
    context: &'static str,
    put: Arc<str>,
    done: Arc<str>,
    one: Arc<str>,
    all: Arc<str>,
    all_in_stage: Arc<str>,
    of: Arc<str>,
    in_stage: Arc<str>,
    due: Arc<str>,
    count: Arc<str>,
}

impl Deliveries {
    /// Of that context.
    pub fn of(context: &'static str, schema: &str) -> Self {
        let select = format!("SELECT {COLUMNS} FROM {schema}.delivery");
        let of = format!("{select} WHERE subscription = $2");
        let in_order = "ORDER BY subscription, position, source LIMIT $1";
        Self {
            context,
            put: sql(format!(
                "INSERT INTO {schema}.delivery ({COLUMNS})
                 SELECT * FROM unnest({ARRAYS})
                 ON CONFLICT (subscription, position, source) DO UPDATE SET
                   stage = excluded.stage, due = excluded.due, case_kind = excluded.case_kind,
                   case_number = excluded.case_number, attempts = excluded.attempts,
                   since = excluded.since, reason_ko = excluded.reason_ko,
                   reason_en = excluded.reason_en, ended = excluded.ended"
            )),
            done: sql(format!(
                "DELETE FROM {schema}.delivery
                  USING unnest($1::text[], $2::bigint[], $3::text[])
                    AS it (subscription, position, source)
                  WHERE delivery.subscription = it.subscription
                    AND delivery.position = it.position AND delivery.source = it.source"
            )),
            one: sql(format!("{select} WHERE subscription = $1 AND position = $2 AND source = $3")),
            all: sql(format!("{select} {in_order}")),
            all_in_stage: sql(format!("{select} WHERE stage = $2 {in_order}")),
            in_stage: sql(format!("{of} AND stage = $3 {in_order}")),
            due: sql(format!("{of} AND due <= $3 ORDER BY due, position, source LIMIT $1")),
            count: sql(format!(
                "SELECT stage, count(*) FROM {schema}.delivery
                  WHERE subscription = $1 AND source = $2 AND stage IN (0, 1, 2) GROUP BY stage"
            )),
            of: sql(format!("{of} {in_order}")),
        }
    }

    /// Puts them aside, moves them on, or forgets them: only the last word
    /// about each counts.
    pub fn change(&self, changes: &[DeliveryChange]) -> Result<Vec<Ask>, Fault> {
        let last = changes.iter().map(|change| match change {
            DeliveryChange::Put(it) => (&it.key, Some(it)),
            DeliveryChange::Done(key) => (key, None),
        });
        let last = last.collect::<BTreeMap<_, _>>();
        let put = last.values().copied().flatten().collect::<Vec<_>>();
        let done = last.iter().filter(|(_, it)| it.is_none()).map(|(key, _)| *key);
        let done = done.collect::<Vec<_>>();
        let mut asks = Vec::new();
        if !put.is_empty() {
            asks.push(bound(Ask::of(&self.put), &put)?);
        }
        if !done.is_empty() {
            let positions = done.iter().map(|it| stored(it.position));
            asks.push(
                Ask::of(&self.done)
                    .column(&done, |it| it.subscription.to_string())
                    .bind(positions.collect::<Result<Vec<_>, _>>()?)
                    .column(&done, |it| it.source),
            );
        }
        Ok(asks)
    }

    /// The one with that key.
    pub fn one(&self, key: &DeliveryKey) -> Ask {
        let one = Ask::of(&self.one).bind(key.subscription.to_string());
        one.bind(capped(key.position)).bind(key.source)
    }

    /// Those of one subscription or of all, in one stage or in any.
    pub fn list(
        &self,
        subscription: Option<&str>,
        stage_name: Option<&str>,
        limit: usize,
    ) -> Option<Ask> {
        let stage = match stage_name.map(stage) {
            Some(None) => return None,
            stage => stage.flatten(),
        };
        let limit = at_most(limit);
        let of = |sql, name: &str| Ask::of(sql).bind(limit).bind(name.to_owned());
        Some(match (subscription, stage) {
            (None, None) => Ask::of(&self.all).bind(limit),
            (None, Some(stage)) => Ask::of(&self.all_in_stage).bind(limit).bind(stage),
            (Some(name), None) => of(&self.of, name),
            (Some(name), Some(stage)) => of(&self.in_stage, name).bind(stage),
        })
    }

    /// Those of one subscription that may be tried by then, the first due first.
    pub fn due(&self, subscription: &str, until: Time, limit: usize) -> Ask {
        Ask::of(&self.due).bind(at_most(limit)).bind(subscription.to_owned()).bind(until.0)
    }

    /// How many of one subscription and one source hold up others.
    pub fn count(&self, subscription: &str, source: &'static str) -> Ask {
        Ask::of(&self.count).bind(subscription.to_owned()).bind(source)
    }

    /// What that says, by stage.
    pub fn counts(&self, rows: &[Row]) -> Result<Vec<(&'static str, u64)>, Fault> {
        rows.iter().map(|row| Ok((self.stage_name(take(row, 0)?)?, number(row, 1)?))).collect()
    }

    /// All that were read.
    pub fn deliveries(&self, store: &PostgresStore, rows: &[Row]) -> Result<Vec<Delivery>, Fault> {
        rows.iter().map(|row| self.delivery(store, row)).collect()
    }

    /// One of them: its columns come first in the row.
    pub fn delivery(&self, store: &PostgresStore, row: &Row) -> Result<Delivery, Fault> {
        let known = |column| Ok::<_, Fault>(store.name(take(row, column)?));
        let reason = match (perhaps_text(row, 9)?, perhaps_text(row, 10)?) {
            (Some(ko), Some(en)) => Some(Sentence::new(&*ko, &*en)),
            _ => None,
        };
        Ok(Delivery {
            key: DeliveryKey {
                subscription: take::<&str>(row, 0)?.into(),
                source: known(2)?,
                position: number(row, 1)?,
            },
            stage: self.stage(take(row, 3)?, take::<Option<i64>>(row, 4)?.map(Time))?,
            case: Case { kind: known(5)?, number: number(row, 6)? },
            attempts: small(row, 7)?,
            since: Time(take(row, 8)?),
            reason,
            ended: small(row, 11)?,
        })
    }

    fn stage(&self, number: i32, due: Option<Time>) -> Result<Stage, Fault> {
        Ok(match (self.stage_name(number)?, due) {
            ("waiting", Some(due)) => Stage::Waiting { due },
            ("failed", Some(due)) => Stage::Failed { due },
            ("parked", None) => Stage::Parked,
            ("refused", None) => Stage::Refused,
            ("abandoned", None) => Stage::Abandoned,
            (name, _) => return Err(self.unreadable(&format!("{name} at no time of its own"))),
        })
    }

    fn stage_name(&self, number: i32) -> Result<&'static str, Fault> {
        let name = usize::try_from(number).ok().and_then(|it| STAGES.get(it).copied());
        name.ok_or_else(|| self.unreadable(&format!("stage {number}")))
    }

    fn unreadable(&self, what: &str) -> Fault {
        Fault::Unreadable(format!("{}.delivery", self.context), what.to_owned())
    }
}

fn stage(name: &str) -> Option<i32> {
    STAGES.iter().position(|it| *it == name).and_then(|it| i32::try_from(it).ok())
}

/// Binds the columns of deliveries.
pub fn bound(ask: Ask, deliveries: &[&Delivery]) -> Result<Ask, Fault> {
    let numbers = |of: fn(&Delivery) -> u64| {
        deliveries.iter().map(|it| stored(of(it))).collect::<Result<Vec<_>, _>>()
    };
    Ok(ask
        .column(deliveries, |it| it.key.subscription.to_string())
        .bind(numbers(|it| it.key.position)?)
        .column(deliveries, |it| it.key.source)
        .column(deliveries, |it| stage(it.stage.name()))
        .column(deliveries, |it| it.stage.due().map(|due| due.0))
        .column(deliveries, |it| it.case.kind)
        .bind(numbers(|it| it.case.number)?)
        .column(deliveries, |it| it.attempts.cast_signed())
        .column(deliveries, |it| it.since.0)
        .column(deliveries, |it| it.reason.as_ref().map(|it| Blob::from(&*it.ko)))
        .column(deliveries, |it| it.reason.as_ref().map(|it| Blob::from(&*it.en)))
        .column(deliveries, |it| it.ended.cast_signed()))
}

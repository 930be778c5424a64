//! Deliveries that took a path of their own.

use kernel::{Case, Sentence, Time};
use runtime::store::{Delivery, DeliveryChange, DeliveryKey, Stage};
use rusqlite::{Connection, Params, Row, params_from_iter, types::Value};

use crate::{
    fault::Fault,
    part::{Part, at_most, capped, quoted},
    words::{List, Words},
};

/// The columns of a delivery, wherever one is stored.
pub const COLUMNS: &str = "subscription, source, position, stage, due, case_kind, case_number, \
                           attempts, since, reason_ko, reason_en, ended";
/// The same, as they are made.
pub const MADE: &str = "subscription INTEGER NOT NULL, position INTEGER NOT NULL,
    source INTEGER NOT NULL, stage INTEGER NOT NULL, due INTEGER,
    case_kind INTEGER NOT NULL, case_number INTEGER NOT NULL, attempts INTEGER NOT NULL,
    since INTEGER NOT NULL, reason_ko TEXT, reason_en TEXT, ended INTEGER NOT NULL DEFAULT 0";

/// The stages as they are stored: their place in this list.
const STAGES: [&str; 5] = ["waiting", "failed", "parked", "refused", "abandoned"];

/// The deliveries of one context.
#[derive(Debug)]
pub struct Deliveries {
    table: String,
    put: String,
    done: String,
    next: String,
    of: String,
    in_stage: String,
    one: String,
    due: String,
    count: String,
}

impl Deliveries {
    /// Of that context.
    pub fn of(context: &str) -> Self {
        let table = format!("{context}/delivery");
        let deliveries = quoted(&table);
        let select = format!("SELECT {COLUMNS} FROM {deliveries} WHERE subscription = ?1");
        let in_order = "ORDER BY position, source LIMIT ?2";
        // What was refused stays for ever; left alone, the engine would walk through it.
        let by_stage = format!("INDEXED BY {}", quoted(&format!("{table}/stage")));
        Self {
            put: format!(
                "INSERT OR REPLACE INTO {deliveries} ({COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            ),
            done: format!(
                "DELETE FROM {deliveries}
                 WHERE subscription = ?1 AND position = ?2 AND source = ?3"
            ),
            next: format!("SELECT min(subscription) FROM {deliveries} WHERE subscription > ?1"),
            of: format!("{select} {in_order}"),
            in_stage: format!(
                "SELECT {COLUMNS} FROM {deliveries} {by_stage}
                 WHERE subscription = ?1 AND stage = ?3 {in_order}"
            ),
            one: format!("{select} AND position = ?2 AND source = ?3"),
            due: format!("{select} AND due <= ?3 ORDER BY due, position, source LIMIT ?2"),
            count: format!(
                "SELECT stage, count(*) FROM {deliveries} {by_stage}
                 WHERE subscription = ?1 AND source = ?2 AND stage IN (0, 1, 2) GROUP BY stage"
            ),
            table,
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        let columns = format!("{MADE}, PRIMARY KEY (subscription, position, source)");
        let (stage, due) = (format!("{}/stage", self.table), format!("{}/due", self.table));
        vec![
            Part::table(&self.table, &columns, "WITHOUT ROWID"),
            Part::index(&stage, &self.table, "(subscription, stage, position, source)"),
            Part::index(&due, &self.table, "(subscription, due) WHERE due IS NOT NULL"),
        ]
    }

    /// Puts one aside, moves it on, or forgets it.
    pub fn change(
        &self,
        connection: &Connection,
        words: &Words,
        change: &DeliveryChange,
    ) -> Result<(), Fault> {
        let (DeliveryChange::Put(Delivery { key, .. }) | DeliveryChange::Done(key)) = change;
        let subscription = words.number(connection, &key.subscription)?;
        let source = words.number(connection, key.source)?;
        match change {
            DeliveryChange::Done(_) => {
                let mut done = connection.prepare_cached(&self.done)?;
                done.execute((subscription, key.position, source))?;
            }
            DeliveryChange::Put(it) => {
                let values = params_from_iter(values(connection, words, it)?);
                connection.prepare_cached(&self.put)?.execute(values)?;
            }
        }
        Ok(())
    }

    /// Those of one subscription or of all, in one stage or in any.
    pub fn list(
        &self,
        connection: &Connection,
        words: &Words,
        (subscription, stage): (Option<&str>, Option<&str>),
        limit: usize,
    ) -> Result<Vec<Delivery>, Fault> {
        let stage = match stage.map(number) {
            Some(None) => return Ok(Vec::new()),
            stage => stage.flatten(),
        };
        let subscriptions = match subscription {
            Some(name) => words.find(name).into_iter().collect(),
            None => self.subscriptions(connection, words)?,
        };
        let mut found = Vec::new();
        for subscription in subscriptions {
            let left = at_most(limit - found.len());
            found.extend(match stage {
                Some(stage) => {
                    self.select(connection, words, &self.in_stage, (subscription, left, stage))?
                }
                None => self.select(connection, words, &self.of, (subscription, left))?,
            });
        }
        Ok(found)
    }

    /// One of them.
    pub fn one(
        &self,
        connection: &Connection,
        words: &Words,
        key: &DeliveryKey,
    ) -> Result<Option<Delivery>, Fault> {
        let names = (words.find(&key.subscription), words.find(key.source));
        let (Some(subscription), Some(source)) = names else { return Ok(None) };
        let key = (subscription, capped(key.position), source);
        Ok(self.select(connection, words, &self.one, key)?.pop())
    }

    /// Those of one subscription that may be tried by then, the first due first.
    pub fn due(
        &self,
        connection: &Connection,
        words: &Words,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Delivery>, Fault> {
        let Some(subscription) = words.find(subscription) else { return Ok(Vec::new()) };
        self.select(connection, words, &self.due, (subscription, at_most(limit), until.0))
    }

    /// How many of one subscription and one source hold up others, by stage.
    pub fn count(
        &self,
        connection: &Connection,
        words: &Words,
        subscription: &str,
        source: &str,
    ) -> Result<Vec<(&'static str, u64)>, Fault> {
        let (Some(subscription), Some(source)) = (words.find(subscription), words.find(source))
        else {
            return Ok(Vec::new());
        };
        let mut count = connection.prepare_cached(&self.count)?;
        let rows = count.query_map((subscription, source), |row| {
            Ok((STAGES[row.get::<_, usize>(0)?], row.get(1)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The subscriptions there are deliveries of, by name: one step in the index for each.
    fn subscriptions(&self, connection: &Connection, words: &Words) -> Result<Vec<i64>, Fault> {
        let mut next = connection.prepare_cached(&self.next)?;
        let mut found = Vec::new();
        let mut last = 0;
        while let Some(subscription) = next.query_one([last], |row| row.get(0))? {
            found.push((words.list().text(subscription)?, subscription));
            last = subscription;
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, subscription)| subscription).collect())
    }

    fn select(
        &self,
        connection: &Connection,
        words: &Words,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<Delivery>, Fault> {
        let mut select = connection.prepare_cached(sql)?;
        let mut rows = select.query(params)?;
        let words = words.list();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(delivery(row, &words, &self.table)?);
        }
        Ok(found)
    }
}

/// What stands in the columns of a delivery.
pub fn values(connection: &Connection, words: &Words, it: &Delivery) -> Result<Vec<Value>, Fault> {
    let Delivery { key, case, stage, attempts, since, reason, ended } = it;
    let reason = reason.as_ref();
    Ok(vec![
        words.number(connection, &key.subscription)?.into(),
        words.number(connection, key.source)?.into(),
        capped(key.position).into(),
        number(stage.name()).map(at_most).into(),
        stage.due().map(|due| due.0).into(),
        words.number(connection, case.kind)?.into(),
        capped(case.number).into(),
        i64::from(*attempts).into(),
        since.0.into(),
        reason.map(|reason| reason.ko.clone()).into(),
        reason.map(|reason| reason.en.clone()).into(),
        i64::from(*ended).into(),
    ])
}

/// The delivery in the first columns of a row of this table.
pub fn delivery(row: &Row<'_>, words: &List, table: &str) -> Result<Delivery, Fault> {
    let known = |column| -> Result<&'static str, Fault> { words.name(row.get(column)?) };
    let reason: Option<(String, String)> = row.get(9).and_then(|ko| {
        let both = |ko| Ok((ko, row.get(10)?));
        Option::map(ko, both).transpose()
    })?;
    Ok(Delivery {
        key: DeliveryKey {
            subscription: words.text(row.get(0)?)?,
            source: known(1)?,
            position: row.get(2)?,
        },
        stage: stage(row.get(3)?, row.get::<_, Option<i64>>(4)?.map(Time), table)?,
        case: Case { kind: known(5)?, number: row.get(6)? },
        attempts: row.get(7)?,
        since: Time(row.get(8)?),
        reason: reason.map(|(ko, en)| Sentence { ko, en }),
        ended: row.get(11)?,
    })
}

fn stage(number: usize, due: Option<Time>, table: &str) -> Result<Stage, Fault> {
    Ok(match (STAGES.get(number).copied(), due) {
        (Some("waiting"), Some(due)) => Stage::Waiting { due },
        (Some("failed"), Some(due)) => Stage::Failed { due },
        (Some("parked"), None) => Stage::Parked,
        (Some("refused"), None) => Stage::Refused,
        (Some("abandoned"), None) => Stage::Abandoned,
        _ => return Err(Fault::Unreadable(table.to_owned(), format!("stage {number}"))),
    })
}

fn number(stage: &str) -> Option<usize> {
    STAGES.iter().position(|it| *it == stage)
}

#[cfg(test)]
mod tests {
    use super::Deliveries;
    use crate::plans::plan;

    #[test]
    fn no_list_of_deliveries_is_sorted() {
        let it = Deliveries::of("shop");
        let plan = |sql| plan(&it.parts(), sql).join(", ");
        let search = "SEARCH shop/delivery USING";
        assert_eq!(plan(&it.of), format!("{search} PRIMARY KEY (subscription=?)"));
        let by_stage = "INDEX shop/delivery/stage (subscription=? AND stage=?)";
        assert_eq!(plan(&it.in_stage), format!("{search} {by_stage}"));
        let by_due = "INDEX shop/delivery/due (subscription=? AND due<?)";
        assert_eq!(plan(&it.due), format!("{search} {by_due}"));
        let covered = "COVERING INDEX shop/delivery/stage (subscription=? AND stage=?)";
        assert_eq!(plan(&it.count), format!("{search} {covered}"));
    }
}

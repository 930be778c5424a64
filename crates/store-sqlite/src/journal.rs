//! What has happened, in commit order.

use std::{collections::HashMap, sync::Arc};

use kernel::{Actor, Case, Cause, Event, Record, Subject, Time};
use rusqlite::{Connection, Params, Row, params};

use crate::{
    fault::Fault,
    part::{Part, at_most, bytes, capped, quoted},
    words::{List, Words},
};

const COLUMNS: &str = "position, event, schema, kind, number, name, version, at, actor, role, \
                       case_kind, case_number, command, cause_context, cause_position, trace, body";

/// The journal of one context.
///
/// Its key is the position, so that an append goes to the end of one tree. An
/// event points to the one before of the same aggregate: a history is walked
/// backwards and needs no index.
#[derive(Debug)]
pub struct Journal {
    context: &'static str,
    table: String,
    insert: String,
    after: String,
    of_case: String,
    chain: String,
}

/// The events of one aggregate in a batch.
#[derive(Debug, Default)]
pub struct Chain {
    /// How many.
    pub count: u64,
    /// The position of the last of them.
    pub newest: u64,
    /// The position of the last one before; known when the state has been written.
    pub previous: Option<u64>,
}

/// The events of a batch, by kind and number of their aggregate.
pub type Chains = HashMap<(&'static str, u64), Chain>;

impl Journal {
    /// Of that context.
    pub fn of(context: &'static str) -> Self {
        let table = format!("{context}/journal");
        let journal = quoted(&table);
        let select = format!("SELECT {COLUMNS} FROM {journal}");
        Self {
            context,
            insert: format!(
                "INSERT INTO {journal} ({COLUMNS}, previous) VALUES
                   (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
            ),
            after: format!("{select} WHERE position > ?1 ORDER BY position LIMIT ?2"),
            of_case: format!(
                "{select} WHERE case_number = ?1 AND case_kind = ?2 AND position > ?3
                 ORDER BY position LIMIT ?4"
            ),
            chain: format!(
                "WITH RECURSIVE chain (link) AS (
                   VALUES (?1)
                   UNION ALL
                   SELECT previous FROM chain CROSS JOIN {journal} ON position = link)
                 SELECT {COLUMNS} FROM chain CROSS JOIN {journal} ON position = link"
            ),
            table,
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        let columns = "position INTEGER PRIMARY KEY, event INTEGER NOT NULL,
            schema INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT,
            version INTEGER NOT NULL, previous INTEGER NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, role TEXT NOT NULL,
            case_kind INTEGER NOT NULL, case_number INTEGER NOT NULL, command INTEGER NOT NULL,
            cause_context INTEGER, cause_position INTEGER, trace TEXT, body BLOB NOT NULL";
        let of_case = format!("{}/case", self.table);
        vec![
            Part::table(&self.table, columns, ""),
            Part::index(&of_case, &self.table, "(case_number, case_kind)"),
        ]
    }

    /// Appends; the positions have been checked. `note` is told of every event by word.
    pub fn append(
        &self,
        connection: &Connection,
        words: &Words,
        events: &[Event],
        chains: &mut Chains,
        mut note: impl FnMut(i64, &Event),
    ) -> Result<(), Fault> {
        let mut insert = connection.prepare_cached(&self.insert)?;
        for it in events {
            let event = words.number(connection, it.name)?;
            let cause = match it.cause.event {
                Some((context, position)) => Some((words.number(connection, context)?, position)),
                None => None,
            };
            let chain = chains.entry((it.of.kind, it.of.number)).or_default();
            let previous = chain.previous.replace(it.position).unwrap_or_default();
            insert.execute(params![
                it.position,
                event,
                it.schema,
                words.number(connection, it.of.kind)?,
                it.of.number,
                it.of.name,
                it.version,
                it.at.0,
                it.by.name,
                it.by.role,
                words.number(connection, it.case.kind)?,
                it.case.number,
                words.number(connection, it.cause.command)?,
                cause.map(|(context, _)| context),
                cause.map(|(_, position)| position),
                it.trace,
                &*it.body,
                previous,
            ])?;
            note(event, it);
        }
        Ok(())
    }

    /// The events after a position.
    pub fn after(
        &self,
        connection: &Connection,
        words: &Words,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, Fault> {
        self.select(connection, words, &self.after, (capped(after), at_most(limit)))
    }

    /// The events of one case after a position.
    pub fn of_case(
        &self,
        connection: &Connection,
        words: &Words,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, Fault> {
        let Some(kind) = words.find(case.kind) else { return Ok(Vec::new()) };
        let which = (capped(case.number), kind, capped(after), at_most(limit));
        self.select(connection, words, &self.of_case, which)
    }

    /// All events of the aggregate whose last one is at this position, the first one first.
    pub fn chain(
        &self,
        connection: &Connection,
        words: &Words,
        last: u64,
    ) -> Result<Vec<Event>, Fault> {
        let mut events = self.select(connection, words, &self.chain, [last])?;
        events.sort_unstable_by_key(|event| event.position);
        Ok(events)
    }

    /// How many events after a position have one of these names.
    pub fn count_after(
        &self,
        connection: &Connection,
        words: &Words,
        after: u64,
        names: &[&'static str],
    ) -> Result<u64, Fault> {
        let names = names.iter().filter_map(|name| words.find(name));
        let names = names.map(|word| word.to_string()).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT count(*) FROM {} WHERE position > ?1 AND event IN ({names})",
            quoted(&self.table)
        );
        let mut count = connection.prepare_cached(&sql)?;
        Ok(count.query_one([capped(after)], |row| row.get(0))?)
    }

    fn select(
        &self,
        connection: &Connection,
        words: &Words,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<Event>, Fault> {
        let mut select = connection.prepare_cached(sql)?;
        let mut rows = select.query(params)?;
        let words = words.list();
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(self.event(row, &words)?);
        }
        Ok(events)
    }

    fn event(&self, row: &Row<'_>, words: &List) -> Result<Event, Fault> {
        let position = row.get(0)?;
        let known = |column| -> Result<&'static str, Fault> {
            words.known(row.get(column)?, || format!("{} at {position}", self.table))
        };
        let text = |column| -> Result<Arc<str>, Fault> {
            Ok(String::from_utf8_lossy(&bytes(row, column)?).into())
        };
        let event = match row.get::<_, Option<i64>>(13)? {
            Some(_) => Some((words.name(row.get(13)?)?, row.get(14)?)),
            None => None,
        };
        let record = Record {
            context: self.context,
            position,
            of: Subject { kind: known(3)?, number: row.get(4)?, name: row.get(5)? },
            version: row.get(6)?,
            at: Time(row.get(7)?),
            by: Actor { name: text(8)?, role: text(9)? },
            case: Case { kind: words.name(row.get(10)?)?, number: row.get(11)? },
            cause: Cause { command: words.name(row.get(12)?)?, event },
            trace: row.get(15)?,
        };
        Ok(Event::stored(known(1)?, row.get(2)?, bytes(row, 16)?, record))
    }
}

#[cfg(test)]
mod tests {
    use super::Journal;
    use crate::plans::plan;

    #[test]
    fn a_history_is_walked_by_position_and_a_case_by_its_index() {
        let it = Journal::of("shop");
        let by_position = "SEARCH shop/journal USING INTEGER PRIMARY KEY";
        assert_eq!(plan(&it.parts(), &it.after), [format!("{by_position} (rowid>?)")]);
        let by_case = "SEARCH shop/journal USING INDEX shop/journal/case \
                       (case_number=? AND case_kind=? AND rowid>?)";
        assert_eq!(plan(&it.parts(), &it.of_case), [by_case]);
        let steps = plan(&it.parts(), &it.chain);
        let steps = steps.iter().filter(|step| step.contains("shop/journal")).collect::<Vec<_>>();
        assert_eq!(steps, [&format!("{by_position} (rowid=?)"); 2]);
    }
}

//! Aggregates in their present state.

use kernel::Case;
use runtime::store::Thing;
use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::{
    fault::Fault,
    journal::Chains,
    part::{Part, bytes, capped, quoted},
    words::Words,
};

/// The aggregates of one kind. Their key is their number.
#[derive(Debug)]
pub struct Kind {
    /// The kind.
    pub name: &'static str,
    table: String,
    stands: String,
    insert: String,
    update: String,
    numbered: String,
    named: String,
    newest: String,
}

impl Kind {
    /// Of that context, of that name.
    pub fn of(context: &str, name: &'static str) -> Self {
        let table = format!("{context}/thing/{name}");
        let things = quoted(&table);
        let select = format!(
            "SELECT number, name, version, last, case_kind, case_number, state FROM {things}"
        );
        Self {
            name,
            stands: format!("SELECT version, last FROM {things} WHERE number = ?1"),
            insert: format!(
                "INSERT INTO {things} (number, name, version, last, case_kind, case_number, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ),
            update: format!(
                "UPDATE {things} SET version = ?2, last = ?3, state = ?4 WHERE number = ?1"
            ),
            numbered: format!("{select} WHERE number = ?1"),
            named: format!("{select} WHERE name = ?1"),
            newest: format!("SELECT max(number) FROM {things}"),
            table,
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        // The state comes last: what is asked for without it lies before it.
        let columns = "number INTEGER PRIMARY KEY, version INTEGER NOT NULL,
            last INTEGER NOT NULL, case_kind INTEGER NOT NULL, case_number INTEGER NOT NULL,
            name TEXT, state BLOB NOT NULL";
        // It costs nothing where things are only counted.
        let named = format!("{}/name", self.table);
        vec![
            Part::table(&self.table, columns, ""),
            Part::unique(&named, &self.table, "(name) WHERE name IS NOT NULL"),
        ]
    }

    /// Writes one, if it stands where the batch found it.
    pub fn put(
        &self,
        connection: &Connection,
        words: &Words,
        thing: &Thing,
        chains: &mut Chains,
    ) -> Result<(), Fault> {
        let whole = || format!("{} {}", self.name, thing.number);
        let chain = chains.get_mut(&(thing.kind, thing.number));
        let (count, newest) = chain.as_ref().map_or((0, thing.last), |it| (it.count, it.newest));
        if newest != thing.last || count > thing.version {
            return Err(Fault::Misuse(format!("the state of {} is not that after", whole())));
        }
        let mut stands = connection.prepare_cached(&self.stands)?;
        let stored = stands.query_row([thing.number], |row| Ok((row.get(0)?, row.get(1)?)));
        let stored: Option<(u64, u64)> = stored.optional()?;
        if stored.map_or(0, |(version, _)| version) != thing.version - count {
            return Err(Fault::Conflict(whole()));
        }
        if let Some(chain) = chain {
            chain.previous = Some(stored.map_or(0, |(_, last)| last));
        }
        if stored.is_some() {
            let mut update = connection.prepare_cached(&self.update)?;
            update.execute(params![thing.number, thing.version, thing.last, &*thing.state])?;
            return Ok(());
        }
        let mut insert = connection.prepare_cached(&self.insert)?;
        let inserted = insert.execute(params![
            thing.number,
            thing.name,
            thing.version,
            thing.last,
            words.number(connection, thing.case.kind)?,
            thing.case.number,
            &*thing.state,
        ]);
        match inserted.map_err(Fault::from) {
            Err(fault) if fault.is_taken() => Err(Fault::Conflict(format!(
                "{} {}",
                self.name,
                thing.name.as_deref().unwrap_or_default()
            ))),
            other => other.map(|_| ()),
        }
    }

    /// The one with that number.
    pub fn numbered(
        &self,
        connection: &Connection,
        words: &Words,
        number: u64,
    ) -> Result<Option<Thing>, Fault> {
        self.select(connection, words, &self.numbered, [capped(number)])
    }

    /// The one that people call so.
    pub fn named(
        &self,
        connection: &Connection,
        words: &Words,
        name: &str,
    ) -> Result<Option<Thing>, Fault> {
        self.select(connection, words, &self.named, [name])
    }

    /// The last number given.
    pub fn newest(&self, connection: &Connection) -> Result<Option<u64>, Fault> {
        Ok(connection.prepare_cached(&self.newest)?.query_one([], |row| row.get(0))?)
    }

    fn select(
        &self,
        connection: &Connection,
        words: &Words,
        sql: &str,
        params: impl Params,
    ) -> Result<Option<Thing>, Fault> {
        let mut select = connection.prepare_cached(sql)?;
        let mut rows = select.query(params)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let number = row.get(0)?;
        Ok(Some(Thing {
            kind: self.name,
            number,
            name: row.get(1)?,
            version: row.get(2)?,
            last: row.get(3)?,
            case: Case { kind: words.list().name(row.get(4)?)?, number: row.get(5)? },
            state: bytes(row, 6)?,
        }))
    }
}

/// The kinds there are tables of, whoever declared them, and their tables.
pub fn written(connection: &Connection, context: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let beginning = format!("{context}/thing/");
    let mut select = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let tables = select.query_map([], |row| row.get::<_, String>(0))?;
    let kinds = tables.map(|table| {
        let table = table?;
        Ok(table.strip_prefix(&beginning).map(|kind| (kind.to_owned(), table.clone())))
    });
    kinds.filter_map(Result::transpose).collect()
}

/// Whether there is anything in a table.
pub fn are_there(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let any = format!("SELECT EXISTS (SELECT 1 FROM {})", quoted(table));
    connection.query_one(&any, [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use crate::plans::plan;

    #[test]
    fn a_name_is_found_in_its_index() {
        let it = Kind::of("shop", "Part");
        let by_name = "SEARCH shop/thing/Part USING INDEX shop/thing/Part/name (name=?)";
        assert_eq!(plan(&it.parts(), &it.named), [by_name]);
    }
}

//! Rows of views.

use kernel::Indexed;
use runtime::store::{Row, Shown, ViewLayout};
use rusqlite::{
    Connection, OptionalExtension, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use crate::{
    fault::Fault,
    part::{Part, bytes, capped, quoted},
};

/// The rows of one view. Their key is their number; every indexed field has a
/// column of its own beside the row.
#[derive(Debug)]
pub struct View {
    /// The view.
    pub name: &'static str,
    /// Its name as a word.
    pub word: i64,
    /// The name of its table.
    pub table: String,
    /// The indexed fields, in the order of the layout.
    pub fields: Vec<Field>,
    insert: String,
    stands: String,
    numbered: String,
}

/// An indexed field of a view.
#[derive(Debug)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// The name of its column: no column of ours is called so.
    pub column: String,
    /// The name of its index.
    pub index: String,
}

/// What stands in an indexed field, as a column has it.
///
/// Nothing is stored as a number below all numbers and not as NULL: so it is
/// equal to itself and has a place in the order, and a list that goes on after
/// a row needs no case of its own.
#[derive(Debug)]
pub struct Cell<I>(pub I);

/// What a column says before anybody has filled it.
pub const EMPTY: &str = "NOT NULL DEFAULT -9e999";

impl View {
    /// Of that context.
    pub fn of(context: &str, layout: &ViewLayout) -> Self {
        Self::at(format!("{context}/view/{}", layout.name), layout)
    }

    /// The shadow of it.
    pub fn shadow(context: &str, layout: &ViewLayout) -> Self {
        Self::at(format!("{context}/shadow/{}", layout.name), layout)
    }

    fn at(table: String, layout: &ViewLayout) -> Self {
        let rows = quoted(&table);
        let field = |name: &&'static str| Field {
            name,
            column: format!("by/{name}"),
            index: format!("{table}/{name}"),
        };
        let fields = layout.indexes.iter().map(field).collect::<Vec<_>>();
        let columns = fields.iter().map(|it| quoted(&it.column)).collect::<Vec<_>>();
        let into = joined(columns.iter().map(|column| format!(", {column}")));
        let values = joined((4..4 + fields.len()).map(|parameter| format!(", ?{parameter}")));
        let stands = if columns.is_empty() { "1".to_owned() } else { columns.join(", ") };
        Self {
            name: layout.name,
            word: 0,
            insert: format!(
                "INSERT INTO {rows} (number, version, row{into}) VALUES (?1, ?2, ?3{values})
                 ON CONFLICT (number) DO NOTHING"
            ),
            stands: format!("SELECT {stands} FROM {rows} WHERE number = ?1"),
            numbered: format!("SELECT version, row FROM {rows} WHERE number = ?1"),
            table,
            fields,
        }
    }

    /// Its table, without the columns of the indexed fields.
    pub fn table(&self) -> Part {
        let columns = "number INTEGER PRIMARY KEY, version INTEGER NOT NULL";
        let fields = self.fields.iter().map(|it| format!(", {} {EMPTY}", quoted(&it.column)));
        // The row comes last: what is compared lies before it.
        let columns = format!("{columns}{}, row BLOB NOT NULL", joined(fields));
        Part::table(&self.table, &columns, "")
    }

    /// Writes a row; says whether it is a new one.
    pub fn put(&self, connection: &Connection, row: &Row) -> Result<bool, Fault> {
        if row.indexed.len() != self.fields.len() {
            let (has, needs) = (row.indexed.len(), self.fields.len());
            let what = format!("a row of {} has {has} indexed fields, not {needs}", self.name);
            return Err(Fault::Misuse(what));
        }
        // Nearly always a first version is new and a later one is not.
        if row.version <= 1 && self.insert(connection, row)? {
            return Ok(true);
        }
        let mut stands = connection.prepare_cached(&self.stands)?;
        let changed = stands.query_row([row.number], |stored| {
            let fields = row.indexed.iter().enumerate();
            let changed = fields.map(|(at, is)| Ok(stored.get::<_, Cell<Indexed>>(at)?.0 != *is));
            changed.collect::<rusqlite::Result<Vec<_>>>()
        });
        match changed.optional()? {
            Some(changed) => self.update(connection, row, &changed).map(|()| false),
            None => self.insert(connection, row),
        }
    }

    /// One row.
    pub fn numbered(&self, connection: &Connection, number: u64) -> Result<Option<Shown>, Fault> {
        let mut select = connection.prepare_cached(&self.numbered)?;
        let row = select.query_row([capped(number)], |row| {
            Ok(Shown { number, version: row.get(0)?, row: bytes(row, 1)?, sorted_by: None })
        });
        Ok(row.optional()?)
    }

    fn insert(&self, connection: &Connection, row: &Row) -> Result<bool, Fault> {
        let mut insert = connection.prepare_cached(&self.insert)?;
        insert.raw_bind_parameter(1, row.number)?;
        insert.raw_bind_parameter(2, row.version)?;
        insert.raw_bind_parameter(3, &*row.row)?;
        for (parameter, is) in (4..).zip(&row.indexed) {
            insert.raw_bind_parameter(parameter, Cell(is))?;
        }
        Ok(insert.raw_execute()? == 1)
    }

    /// An index whose column is not mentioned is not touched, and its pages
    /// are not written: most changes leave most fields as they are.
    fn update(&self, connection: &Connection, row: &Row, changed: &[bool]) -> Result<(), Fault> {
        let fields = self.fields.iter().zip(&row.indexed).zip(changed);
        let changed = fields.filter(|(_, changed)| **changed).map(|(field, _)| field);
        let set = (4..).zip(changed.clone());
        let set = set.map(|(at, (field, _))| format!(", {} = ?{at}", quoted(&field.column)));
        let sql = format!(
            "UPDATE {} SET version = ?2, row = ?3{} WHERE number = ?1",
            quoted(&self.table),
            joined(set)
        );
        let mut update = connection.prepare_cached(&sql)?;
        update.raw_bind_parameter(1, row.number)?;
        update.raw_bind_parameter(2, row.version)?;
        update.raw_bind_parameter(3, &*row.row)?;
        for (parameter, (_, is)) in (4..).zip(changed) {
            update.raw_bind_parameter(parameter, Cell(is))?;
        }
        update.raw_execute()?;
        Ok(())
    }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().concat()
}

impl ToSql for Cell<&Indexed> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Indexed::Nothing => ToSqlOutput::Borrowed(ValueRef::Real(f64::NEG_INFINITY)),
            Indexed::Whole(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Indexed::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl FromSql for Cell<Indexed> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Real(number) if number == f64::NEG_INFINITY => Ok(Self(Indexed::Nothing)),
            ValueRef::Integer(number) => Ok(Self(Indexed::Whole(number))),
            ValueRef::Text(_) => Ok(Self(Indexed::Text(value.as_str()?.to_owned()))),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

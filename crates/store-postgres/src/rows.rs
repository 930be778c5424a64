//! Rows of views.

use std::sync::Arc;

use runtime::store::{Row, Shown, ViewLayout};
use tokio_postgres::Row as Stored;

use crate::{
    ask::{Ask, Blob, capped, quoted},
    cell::{self, key},
    context::sql,
    fault::Fault,
    taken::{bytes, number, stored},
};

/// The rows of one view. Their key is their number; every indexed field has a
/// column of its own beside the row.
#[derive(Debug)]
pub struct View {
    /// The view.
    pub name: &'static str,
    /// The schema it is in.
    pub schema: String,
    /// Its table, with its schema.
    pub table: String,
    /// The indexed fields, in the order of the layout.
    pub fields: Vec<Field>,
    put: Arc<str>,
    numbered: Arc<str>,
    count_all: Arc<str>,
    refreshed: Arc<str>,
}

/// An indexed field of a view.
#[derive(Debug)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its column: no column of ours is called so.
    pub column: String,
    /// What rows are compared by.
    pub key: String,
}

/// A column before anybody has filled it: nothing stands there.
pub const EMPTY: &str = "BYTEA NOT NULL DEFAULT '\\x00'";

impl View {
    /// Of the context with that schema.
    pub fn of(schema: &str, layout: &ViewLayout) -> Self {
        Self::at(schema, &format!("view/{}", layout.name), layout)
    }

    /// In the table of that name. Only the rows of the view itself are counted.
    pub fn at(schema: &str, name: &str, layout: &ViewLayout) -> Self {
        let table = format!("{schema}.{}", quoted(name));
        let counted = name.strip_prefix("view/").unwrap_or_default();
        let field = |name: &&'static str| {
            let column = quoted(&format!("by/{name}"));
            Field { name, key: key(&column), column }
        };
        let fields = layout.indexes.iter().map(field).collect::<Vec<_>>();
        let each = |of: fn(usize, &Field) -> String| {
            (4..).zip(&fields).map(|(at, field)| of(at, field)).collect::<Vec<_>>().concat()
        };
        let (into, bound) =
            (each(|_, it| format!(", {}", it.column)), each(|at, _| format!(", ${at}::bytea[]")));
        let set = each(|_, it| format!(", {} = excluded.{}", it.column, it.column));
        let literal = format!("'{}'", counted.replace('\'', "''"));
        Self {
            name: layout.name,
            // What was not there before has not been locked by anybody: so a new
            // row is told from a changed one, and counted.
            put: sql(format!(
                "WITH put AS (
                   INSERT INTO {table} (number, version, body{into})
                   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]{bound})
                   ON CONFLICT (number) DO UPDATE SET
                     version = excluded.version, body = excluded.body{set}
                   RETURNING xmax = 0 AS is_new)
                 UPDATE {schema}.view SET rows = rows + it.count
                   FROM (SELECT count(*) FROM put WHERE is_new) AS it
                  WHERE name = {literal} AND it.count > 0"
            )),
            numbered: sql(format!("SELECT number, version, body FROM {table} WHERE number = $1")),
            count_all: sql(format!("SELECT rows FROM {schema}.view WHERE name = {literal}")),
            refreshed: sql(format!(
                "UPDATE {schema}.view SET is_stale = false WHERE name = {literal}"
            )),
            schema: schema.to_owned(),
            table,
            fields,
        }
    }

    /// Writes rows; the ones that are new are counted.
    pub fn put(&self, rows: &[&Row]) -> Result<Ask, Fault> {
        let needs = self.fields.len();
        if let Some(row) = rows.iter().find(|row| row.indexed.len() != needs) {
            let has = row.indexed.len();
            let what = format!("a row of {} has {has} indexed fields, not {needs}", self.name);
            return Err(Fault::Misuse(what));
        }
        let numbers = |of: fn(&Row) -> u64| {
            rows.iter().map(|it| stored(of(it))).collect::<Result<Vec<_>, _>>()
        };
        let mut put = Ask::of(&self.put)
            .bind(numbers(|it| it.number)?)
            .bind(numbers(|it| it.version)?)
            .column(rows, |it| Blob(Arc::clone(&it.row)));
        for at in 0..needs {
            put = put.column(rows, |it| cell::written(&it.indexed[at]));
        }
        Ok(put)
    }

    /// One row.
    pub fn numbered(&self, number: u64) -> Ask {
        Ask::of(&self.numbered).bind(capped(number))
    }

    /// How many there are.
    pub fn count_all(&self) -> Ask {
        Ask::of(&self.count_all)
    }

    /// All its columns are filled.
    pub fn refreshed(&self) -> Ask {
        Ask::of(&self.refreshed)
    }

    /// A row that was read; the fourth column, if there is one, is what it is sorted by.
    pub fn shown(row: &Stored) -> Result<Shown, Fault> {
        let sorted_by = match row.len() {
            4 => Some(cell::read(&bytes(row, 3)?)?),
            _ => None,
        };
        Ok(Shown {
            number: number(row, 0)?,
            version: number(row, 1)?,
            row: bytes(row, 2)?,
            sorted_by,
        })
    }
}

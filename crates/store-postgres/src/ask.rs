//! A statement and what is bound to it.

use std::{error::Error, sync::Arc};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A statement and what is bound to it.
#[derive(Debug)]
pub struct Ask {
    /// The statement.
    pub sql: Arc<str>,
    /// What is bound to it, in order.
    pub bound: Vec<Bound>,
}

/// What is bound to a statement.
pub type Bound = Box<dyn ToSql + Sync + Send>;

/// Bytes that many share; a text too, where any text may stand: a column of
/// texts does not take all of them.
#[derive(Debug, Clone)]
pub struct Blob(pub Arc<[u8]>);

impl Ask {
    /// With nothing bound yet.
    pub fn of(sql: &Arc<str>) -> Self {
        Self { sql: Arc::clone(sql), bound: Vec::new() }
    }

    /// A statement that is not repeated with other values.
    pub fn plain(sql: &str) -> Self {
        Self { sql: sql.into(), bound: Vec::new() }
    }

    /// Binds the next one.
    #[must_use]
    pub fn bind(mut self, value: impl ToSql + Sync + Send + 'static) -> Self {
        self.bound.push(Box::new(value));
        self
    }

    /// Binds a column of values, one for each row.
    #[must_use]
    pub fn column<T, V>(self, of: &[T], value: impl Fn(&T) -> V) -> Self
    where
        V: ToSql + Sync + Send + 'static,
    {
        self.bind(of.iter().map(value).collect::<Vec<_>>())
    }
}

impl From<&Arc<str>> for Blob {
    fn from(text: &Arc<str>) -> Self {
        Self(Arc::clone(text).into())
    }
}

impl From<&str> for Blob {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl ToSql for Blob {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        (&*self.0).to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <&[u8] as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// A number as a column has it; what is greater than all columns is never found.
pub fn capped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many at the most.
pub fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A name as it stands in a statement: whatever is in it, it is only a name.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

//! Listing the rows of a view.

use kernel::Indexed;
use runtime::store::{Filter, Query, Start};

use crate::{
    ask::{Ask, Bound, at_most, capped},
    cell::{self, key},
    fault::Fault,
    rows::{Field, View},
};

/// What holds of the rows wanted, and what is bound to it.
#[derive(Default)]
struct Search {
    conditions: Vec<String>,
    bound: Vec<Bound>,
}

impl View {
    /// Rows in order. Rows that are equal in the field they are sorted by come
    /// by number, in the same direction: an index is walked one way.
    pub fn list(&self, query: &Query) -> Result<Ask, Fault> {
        let by = query.sort.by.map(|field| self.field(field)).transpose()?;
        let (beyond, way) = if query.sort.descending { ("<", "DESC") } else { (">", "ASC") };
        let mut search = self.filtered(&query.filters)?;
        if let Start::After(value, number) = &query.start {
            let number = search.number(capped(*number));
            let condition = match by {
                Some(by) => {
                    let value = search.value(value.as_ref().unwrap_or(&Indexed::Nothing));
                    format!("({}, number) {beyond} ({value}, {number})", by.key)
                }
                None => format!("number {beyond} {number}"),
            };
            search.conditions.push(condition);
        }
        let size = search.number(at_most(query.size));
        let offset = match query.start {
            Start::Skip(count @ 1..) => format!(" OFFSET {}", search.number(capped(count))),
            _ => String::new(),
        };
        let (column, order) = match by {
            Some(by) => (format!(", {}", by.column), format!("{} {way}, number {way}", by.key)),
            None => (String::new(), format!("number {way}")),
        };
        let sql = format!(
            "SELECT number, version, body{column} FROM {}{} ORDER BY {order} LIMIT {size}{offset}",
            self.table,
            search.condition()
        );
        Ok(search.ask(&sql))
    }

    /// How many rows pass the filters.
    pub fn count(&self, filters: &[Filter]) -> Result<Ask, Fault> {
        let search = self.filtered(filters)?;
        let sql = format!("SELECT count(*) FROM {}{}", self.table, search.condition());
        Ok(search.ask(&sql))
    }

    fn filtered(&self, filters: &[Filter]) -> Result<Search, Fault> {
        let mut search = Search::default();
        for filter in filters {
            let value = search.value(&filter.is);
            search.conditions.push(format!("{} = {value}", self.field(filter.field)?.key));
        }
        Ok(search)
    }

    fn field(&self, name: &str) -> Result<&Field, Fault> {
        let found = self.fields.iter().find(|it| it.name == name);
        found.ok_or_else(|| Fault::Misuse(format!("{} is not indexed by {name}", self.name)))
    }
}

impl Search {
    fn number(&mut self, number: i64) -> String {
        self.bound.push(Box::new(number));
        format!("${}::bigint", self.bound.len())
    }

    fn value(&mut self, is: &Indexed) -> String {
        self.bound.push(Box::new(cell::written(is)));
        key(&format!("${}::bytea", self.bound.len()))
    }

    fn condition(&self) -> String {
        if self.conditions.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", self.conditions.join(" AND "))
    }

    fn ask(self, sql: &str) -> Ask {
        Ask { sql: sql.into(), bound: self.bound }
    }
}

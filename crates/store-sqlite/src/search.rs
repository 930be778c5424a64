//! Listing the rows of a view.

use kernel::Indexed;
use runtime::store::{Filter, Query, Shown, Start};
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::{
    fault::Fault,
    part::{at_most, bytes, capped, quoted},
    rows::{Cell, View},
};

/// What holds of the rows wanted, and what is bound to it.
#[derive(Default)]
struct Search<'a> {
    conditions: Vec<String>,
    bound: Vec<Box<dyn ToSql + 'a>>,
}

impl View {
    /// Rows in order. Rows that are equal in the field they are sorted by come
    /// by number, in the same direction: an index is walked one way.
    pub fn list(&self, connection: &Connection, query: &Query) -> Result<Vec<Shown>, Fault> {
        let (sql, search) = self.search(query)?;
        let mut select = search.bound_to(connection.prepare_cached(&sql)?)?;
        let mut rows = select.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let sorted_by = match query.sort.by {
                Some(_) => Some(row.get::<_, Cell<Indexed>>(3)?.0),
                None => None,
            };
            let (number, version, row) = (row.get(0)?, row.get(1)?, bytes(row, 2)?);
            found.push(Shown { number, version, row, sorted_by });
        }
        Ok(found)
    }

    /// How many rows pass the filters.
    pub fn count(&self, connection: &Connection, filters: &[Filter]) -> Result<u64, Fault> {
        let search = self.filtered(filters)?;
        let sql = format!("SELECT count(*) FROM {}{}", quoted(&self.table), search.conditions());
        let mut select = search.bound_to(connection.prepare_cached(&sql)?)?;
        let mut rows = select.raw_query();
        Ok(rows.next()?.map_or(Ok(0), |row| row.get(0))?)
    }

    fn search<'a>(&self, query: &'a Query) -> Result<(String, Search<'a>), Fault> {
        let by = query.sort.by.map(|field| self.column(field)).transpose()?;
        let (beyond, way) = if query.sort.descending { ("<", "DESC") } else { (">", "ASC") };
        let mut search = self.filtered(&query.filters)?;
        if let Start::After(value, number) = &query.start {
            let number = search.bind(capped(*number));
            let condition = match &by {
                Some(by) => {
                    let value = search.bind(Cell(value.as_ref().unwrap_or(&Indexed::Nothing)));
                    // Only when it is told how to compare them does the engine
                    // begin at the right number among the rows that are equal.
                    format!("({by}, number) {beyond} ({value}, {number} COLLATE BINARY)")
                }
                None => format!("number {beyond} {number}"),
            };
            search.conditions.push(condition);
        }
        let size = search.bind(at_most(query.size));
        let offset = match query.start {
            Start::Skip(count @ 1..) => format!(" OFFSET {}", search.bind(capped(count))),
            _ => String::new(),
        };
        let (table, conditions) = (quoted(&self.table), search.conditions());
        let (column, order) = match by {
            Some(by) => (format!(", {by}"), format!("{by} {way}, number {way}")),
            None => (String::new(), format!("number {way}")),
        };
        let sql = format!(
            "SELECT number, version, row{column} FROM {table}{conditions}
             ORDER BY {order} LIMIT {size}{offset}"
        );
        Ok((sql, search))
    }

    fn filtered<'a>(&self, filters: &'a [Filter]) -> Result<Search<'a>, Fault> {
        let mut search = Search::default();
        for filter in filters {
            let value = search.bind(Cell(&filter.is));
            search.conditions.push(format!("{} = {value}", self.column(filter.field)?));
        }
        Ok(search)
    }

    fn column(&self, field: &str) -> Result<String, Fault> {
        let found = self.fields.iter().find(|it| it.name == field);
        let found = found.map(|it| quoted(&it.column));
        found.ok_or_else(|| Fault::Misuse(format!("{} is not indexed by {field}", self.name)))
    }
}

impl<'a> Search<'a> {
    fn bind(&mut self, value: impl ToSql + 'a) -> String {
        self.bound.push(Box::new(value));
        format!("?{}", self.bound.len())
    }

    fn conditions(&self) -> String {
        if self.conditions.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", self.conditions.join(" AND "))
    }

    fn bound_to<'c>(
        &self,
        mut select: CachedStatement<'c>,
    ) -> rusqlite::Result<CachedStatement<'c>> {
        for (parameter, value) in (1..).zip(&self.bound) {
            select.raw_bind_parameter(parameter, value)?;
        }
        Ok(select)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Indexed;
    use runtime::store::{Filter, Query, Sort, Start, ViewLayout};

    use crate::{
        part::{Part, quoted},
        plans,
        rows::View,
    };

    #[test]
    fn a_list_that_goes_on_walks_an_index_and_sorts_nothing() {
        for descending in [false, true] {
            let sort = Sort { by: Some("status"), descending };
            let start = Start::After(Some(Indexed::from("open")), 7);
            let plan = plan(&Query { filters: Vec::new(), sort, start, size: 20 });
            let beyond = if descending { "<" } else { ">" };
            let index = "SEARCH service/view/list USING INDEX service/view/list/status";
            assert_eq!(plan, [format!("{index} ((by/status,rowid){beyond}(?,?))")]);
        }
    }

    #[test]
    fn a_list_by_number_walks_the_table() {
        let sort = Sort { by: None, descending: true };
        let query = Query { filters: Vec::new(), sort, start: Start::After(None, 7), size: 20 };
        assert_eq!(plan(&query), ["SEARCH service/view/list USING INTEGER PRIMARY KEY (rowid<?)"]);
    }

    #[test]
    fn a_filter_uses_its_index_and_comes_by_number() {
        let filters = vec![Filter { field: "status", is: Indexed::Nothing }];
        let query = Query { filters, sort: Sort::default(), start: Start::Skip(0), size: 20 };
        assert_eq!(
            plan(&query),
            ["SEARCH service/view/list USING INDEX service/view/list/status (by/status=?)"]
        );
    }

    fn plan(query: &Query) -> Vec<String> {
        let layout = ViewLayout { name: "list", indexes: vec!["status", "customer"] };
        let view = View::of("service", &layout);
        let mut parts = vec![view.table()];
        for field in &view.fields {
            let on = format!("({})", quoted(&field.column));
            parts.push(Part::index(&field.index, &view.table, &on));
        }
        plans::plan(&parts, &view.search(query).unwrap().0)
    }
}

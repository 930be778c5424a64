//! Rows of a view: filtered, sorted, from somewhere on.

use std::cmp::Ordering;

use kernel::Indexed;
use runtime::store::{Filter, Query, Row, Shown, Start};

use super::context::Kept;

impl Kept {
    pub fn row(&self, view: &'static str, number: u64) -> Option<Shown> {
        self.rows.get(&(view, number)).map(|row| shown(row, None))
    }

    pub fn passing<'a>(
        &'a self,
        view: &'static str,
        filters: &'a [Filter],
    ) -> impl Iterator<Item = &'a Row> {
        let rows = self.rows.range((view, 0)..=(view, u64::MAX)).map(|(_, row)| row);
        rows.filter(|row| filters.iter().all(|it| self.field(row, it.field) == Some(&it.is)))
    }

    pub fn rows(&self, view: &'static str, query: &Query) -> Vec<Shown> {
        let by = |row: &Row| query.sort.by.and_then(|name| self.field(row, name).cloned());
        let order = |a: &(Option<Indexed>, u64), b: &(Option<Indexed>, u64)| {
            let order = a.cmp(b);
            if query.sort.descending { order.reverse() } else { order }
        };
        let mut rows: Vec<_> =
            self.passing(view, &query.filters).map(|row| ((by(row), row.number), row)).collect();
        rows.sort_by(|(a, _), (b, _)| order(a, b));
        let (skip, after) = match &query.start {
            Start::Skip(skip) => (usize::try_from(*skip).unwrap_or(usize::MAX), None),
            Start::After(value, number) => (0, Some((value.clone(), *number))),
        };
        rows.into_iter()
            .filter(|(key, _)| after.as_ref().is_none_or(|it| order(key, it) == Ordering::Greater))
            .skip(skip)
            .take(query.size)
            .map(|((value, _), row)| shown(row, value))
            .collect()
    }

    fn field<'a>(&self, row: &'a Row, name: &str) -> Option<&'a Indexed> {
        let place = self.fields.get(row.view)?.iter().position(|field| *field == name)?;
        row.indexed.get(place)
    }
}

pub fn shown(row: &Row, sorted_by: Option<Indexed>) -> Shown {
    Shown { number: row.number, version: row.version, row: row.row.clone(), sorted_by }
}

//! The rows that were rebuilt beside those that are shown.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Json;

use super::{Difference, EXAMPLES, Example, Field, Verdict, fold::Fold};
use crate::{
    Failure,
    store::{Query, Shown, Sort, Start},
};

/// How many rows are read at once.
const PAGE: usize = 512;

/// What is known of the differences.
#[derive(Default)]
pub struct Comparison {
    differ: BTreeMap<u64, Verdict>,
    /// All rows up to this one have been compared.
    after: u64,
    complete: bool,
}

impl Comparison {
    /// Whether every row has been compared at least once.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Compares the next rows. While this goes on the rebuilt ones stay as they
    /// are; those that are shown may run ahead: what happened to them will be
    /// rebuilt later, and then they are compared again.
    pub fn go_on(
        &mut self,
        fold: &mut Fold,
        context: &'static str,
        view: &'static str,
    ) -> Result<(), Failure> {
        let start = Start::After(None, self.after);
        let query = Query { filters: Vec::new(), sort: Sort::default(), start, size: PAGE };
        let old = fold.store().rows(context, view, &query)?;
        let new = fold.shadows()?.rows(context, view, self.after, PAGE)?;
        let to = page_end(&old).min(page_end(&new));
        let (old, new) = (by_number(old, to), by_number(new, to));
        for number in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
            let rebuilt = new.get(&number).map(|it| (it.version, &*it.row));
            self.judge(fold, number, old.get(&number), rebuilt)?;
        }
        (self.after, self.complete) = (to, to == u64::MAX);
        Ok(())
    }

    /// Compares these again.
    pub fn again(
        &mut self,
        fold: &mut Fold,
        (context, view): (&'static str, &'static str),
        numbers: impl IntoIterator<Item = u64>,
    ) -> Result<(), Failure> {
        for number in numbers {
            let old = fold.store().row(context, view, number)?;
            let new = fold.row(number)?;
            let rebuilt = new.as_ref().map(|(version, row)| (*version, &**row));
            self.judge(fold, number, old.as_ref(), rebuilt)?;
        }
        Ok(())
    }

    /// Whoever has seen a row must see that it is another: then its version is
    /// greater than the one that is shown. A row that is the same keeps its own.
    fn judge(
        &mut self,
        fold: &mut Fold,
        number: u64,
        old: Option<&Shown>,
        new: Option<(u64, &[u8])>,
    ) -> Result<(), Failure> {
        let (verdict, wanted) = match (old, new) {
            (Some(old), Some((_, new))) if same(&old.row, new) => (None, old.version),
            (Some(old), Some((version, _))) => {
                (Some(Verdict::Changed), version.max(old.version + 1))
            }
            (None, Some((version, _))) => (Some(Verdict::Missing), version),
            (Some(_), None) => (Some(Verdict::Extra), 0),
            (None, None) => (None, 0),
        };
        match verdict {
            Some(verdict) => self.differ.insert(number, verdict),
            None => self.differ.remove(&number),
        };
        match new {
            Some((version, _)) if version != wanted => fold.set_version(number, wanted),
            _ => Ok(()),
        }
    }

    /// The rows that differ, by number, without those that are only shown;
    /// nothing when there are more than so many, or some are to go.
    pub fn to_tell(&self, most: usize) -> Option<Vec<u64>> {
        let goes = self.differ.values().any(|it| *it == Verdict::Extra);
        (!goes && self.differ.len() <= most).then(|| self.differ.keys().copied().collect())
    }

    /// All of it in figures, with some examples.
    pub fn difference(
        &self,
        fold: &mut Fold,
        (context, view): (&'static str, &'static str),
    ) -> Result<Difference, Failure> {
        let count = |verdict| self.differ.values().filter(|it| **it == verdict).count() as u64;
        let [changed, missing, extra] =
            [Verdict::Changed, Verdict::Missing, Verdict::Extra].map(count);
        let same = fold.count - changed - missing;
        let mut examples = Vec::new();
        for (number, verdict) in self.differ.iter().take(EXAMPLES) {
            let old = fold.store().row(context, view, *number)?;
            let new = fold.row(*number)?;
            let new = new.as_ref().map(|(_, row)| &**row);
            examples.push(example(*number, *verdict, old.as_ref().map(|it| &*it.row), new));
        }
        Ok(Difference { same, changed, missing, extra, examples })
    }
}

/// The last number that a page speaks of; a page that is not full has them all.
fn page_end(page: &[Shown]) -> u64 {
    page.last().filter(|_| page.len() == PAGE).map_or(u64::MAX, |last| last.number)
}

fn by_number(page: Vec<Shown>, to: u64) -> BTreeMap<u64, Shown> {
    page.into_iter().filter(|row| row.number <= to).map(|row| (row.number, row)).collect()
}

fn same(old: &[u8], new: &[u8]) -> bool {
    let read = |row| serde_json::from_slice::<Json>(row).ok();
    old == new || read(old).is_some_and(|old| Some(old) == read(new))
}

fn example(number: u64, verdict: Verdict, old: Option<&[u8]>, new: Option<&[u8]>) -> Example {
    let (old, unreadable) = members(old);
    let (new, _) = members(new);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let differ = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let field = |name: &String| Field {
        name: name.clone(),
        shown: old.get(name).cloned(),
        rebuilt: new.get(name).cloned(),
    };
    Example { number, verdict, unreadable, fields: differ.map(field).collect() }
}

/// The members of a row, or why it has none.
fn members(row: Option<&[u8]>) -> (serde_json::Map<String, Json>, Option<String>) {
    match row.map(serde_json::from_slice).transpose() {
        Ok(row) => (row.unwrap_or_default(), None),
        Err(error) => (serde_json::Map::new(), Some(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_the_fields_that_differ_and_no_others() {
        let (old, new) = (br#"{"a":1,"b":2,"c":3}"#, br#"{"a":1,"b":4,"d":5}"#);
        let it = example(7, Verdict::Changed, Some(old), Some(new));
        let fields = it.fields.iter().map(|it| (&*it.name, it.shown.clone(), it.rebuilt.clone()));
        assert_eq!(
            fields.collect::<Vec<_>>(),
            [
                ("b", Some(2.into()), Some(4.into())),
                ("c", Some(3.into()), None),
                ("d", None, Some(5.into())),
            ]
        );
        let it = example(7, Verdict::Changed, Some(b"{oh"), Some(new));
        assert!(it.unreadable.is_some_and(|it| it.contains("line 1")));
    }

    #[test]
    fn the_order_of_fields_is_no_difference() {
        assert!(same(br#"{"a":1,"b":2}"#, br#"{"b":2, "a":1}"#));
        assert!(!same(br#"{"a":1}"#, br#"{"a":1,"b":null}"#));
        assert!(!same(b"{oh", b"{}"));
    }
}

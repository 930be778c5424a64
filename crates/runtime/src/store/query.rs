//! Which rows of a view.

use std::sync::Arc;

use kernel::Indexed;

/// Which rows of a view, in which order.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// In this order; rows that are equal in it come by number.
    pub sort: Sort,
    /// From where on.
    pub start: Start,
    /// How many at the most.
    pub size: usize,
}

/// This indexed field has that value.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// An indexed field.
    pub field: &'static str,
    /// What stands there.
    pub is: Indexed,
}

/// The order of rows. Texts that do not differ in their first 999 bytes come in
/// an order of the store's own, which is always the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// By this indexed field; by number, if nothing.
    pub by: Option<&'static str>,
    /// The greatest first.
    pub descending: bool,
}

/// From where on.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Leaving out so many: dear when there are many.
    Skip(u64),
    /// After the row with this value (when sorted by a field) and this number.
    After(Option<Indexed>, u64),
}

/// A row as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Which one.
    pub number: u64,
    /// How often it has changed.
    pub version: u64,
    /// The row, as a JSON object.
    pub row: Arc<[u8]>,
    /// What stands in the field the rows are sorted by, for a cursor.
    pub sorted_by: Option<Indexed>,
}

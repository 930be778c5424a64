//! The shadow of a view: a second set of its rows, that nobody is shown until
//! the two change places.

use super::{Progress, Row, Shown, StoreError};

/// Keeps shadows beside its views.
///
/// A shadow lasts until it is removed, or the store is opened again. Every call
/// blocks, and is short. [`Shadows::switch`] is called by the writer alone;
/// everything else may be called from any thread, by one at a time for a view.
pub trait Shadows: Send + Sync {
    /// Makes an empty shadow of a view; one that was there is gone.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, as with every change below.
    fn make(&self, context: &'static str, view: &'static str) -> Result<(), StoreError>;

    /// Writes rows to the shadows of their views, each at the most once, in one
    /// commit.
    ///
    /// # Errors
    ///
    /// As [`Shadows::make`]; also when there is no shadow.
    fn write(&self, context: &'static str, rows: &[Row]) -> Result<(), StoreError>;

    /// One row of a shadow.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or there is no shadow.
    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError>;

    /// The rows of a shadow with greater numbers than this, by number.
    ///
    /// # Errors
    ///
    /// As [`Shadows::row`].
    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Shown>, StoreError>;

    /// The shadow becomes the view and the view its shadow, in one commit.
    /// Whoever reads sees all rows of the one or all of the other. `mark` is
    /// part of the commit, as any progress, so that other processes see it.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`](super::Store::commit), with the same meanings.
    fn switch(
        &self,
        context: &'static str,
        view: &'static str,
        mark: &Progress,
    ) -> Result<(), StoreError>;

    /// Removes the shadow, a bounded number of rows at a time so that nobody
    /// waits for long; true when it is gone, or was never there.
    ///
    /// # Errors
    ///
    /// As [`Shadows::make`].
    fn remove(&self, context: &'static str, view: &'static str) -> Result<bool, StoreError>;
}

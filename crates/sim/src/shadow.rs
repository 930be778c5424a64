//! Shadows of views as one process sees them: after its end nothing that it
//! does has any effect.

use runtime::store::{Progress, Row, Shadows, Shown, StoreError};

use crate::store::Watched;

type Found<T> = Result<T, StoreError>;

impl Shadows for Watched {
    fn make(&self, context: &'static str, view: &'static str) -> Found<()> {
        Shadows::make(self.alive()?, context, view)
    }

    fn write(&self, context: &'static str, rows: &[Row]) -> Found<()> {
        Shadows::write(self.alive()?, context, rows)
    }

    fn row(&self, context: &'static str, view: &'static str, number: u64) -> Found<Option<Shown>> {
        Shadows::row(self.alive()?, context, view, number)
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        after: u64,
        limit: usize,
    ) -> Found<Vec<Shown>> {
        Shadows::rows(self.alive()?, context, view, after, limit)
    }

    fn switch(&self, context: &'static str, view: &'static str, mark: &Progress) -> Found<()> {
        Shadows::switch(self.alive()?, context, view, mark)
    }

    fn remove(&self, context: &'static str, view: &'static str) -> Found<bool> {
        Shadows::remove(self.alive()?, context, view)
    }
}

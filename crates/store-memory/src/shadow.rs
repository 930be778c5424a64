//! Shadows of views.

use std::collections::BTreeMap;

use runtime::store::{Changes, Progress, Row, Shadows, Shown, StoreError};

use super::{MemoryStore, context::Kept, rows::shown, unknown};

impl MemoryStore {
    fn change<T>(
        &self,
        context: &str,
        change: impl FnOnce(&mut Kept) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        change(self.contexts.write().get_mut(context).ok_or_else(|| unknown(context))?)
    }
}

impl Kept {
    fn shadow(&self, view: &str) -> Result<&BTreeMap<u64, Row>, StoreError> {
        self.shadows.get(view).ok_or_else(|| unknown(&format!("a shadow of {view}")))
    }
}

impl Shadows for MemoryStore {
    fn make(&self, context: &'static str, view: &'static str) -> Result<(), StoreError> {
        self.change(context, |kept| {
            kept.shadows.insert(view, BTreeMap::new());
            Ok(())
        })
    }

    fn write(&self, context: &'static str, rows: &[Row]) -> Result<(), StoreError> {
        self.change(context, |kept| {
            rows.iter().try_for_each(|row| kept.shadow(row.view).map(|_| ()))?;
            for row in rows {
                kept.shadows.entry(row.view).or_default().insert(row.number, row.clone());
            }
            Ok(())
        })
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        self.read(context, |kept| Ok(kept.shadow(view)?.get(&number).map(|row| shown(row, None))))?
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Shown>, StoreError> {
        self.read(context, |kept| {
            let rows = kept.shadow(view)?.range(after.saturating_add(1)..);
            Ok(rows.take(limit).map(|(_, row)| shown(row, None)).collect())
        })?
    }

    fn switch(
        &self,
        context: &'static str,
        view: &'static str,
        mark: &Progress,
    ) -> Result<(), StoreError> {
        self.change(context, |kept| {
            let new = kept.shadow(view)?.clone();
            let changes = Changes { progress: vec![mark.clone()], ..Changes::of(context) };
            kept.check(&changes)?;
            kept.take(&changes);
            let mut old = BTreeMap::new();
            kept.rows.retain(|(of, number), row| {
                if *of == view {
                    old.insert(*number, row.clone());
                }
                *of != view
            });
            kept.rows.extend(new.into_iter().map(|(number, row)| ((view, number), row)));
            kept.shadows.insert(view, old);
            Ok(())
        })
    }

    fn remove(&self, context: &'static str, view: &'static str) -> Result<bool, StoreError> {
        self.change(context, |kept| {
            kept.shadows.remove(view);
            Ok(true)
        })
    }
}

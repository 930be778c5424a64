//! What has been rebuilt so far, and one step more of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{Event, System};

use super::{
    Difference,
    compare::Comparison,
    fold::{Fold, declared},
    sources::{Limits, Place, Places, Sources},
};
use crate::{
    Failure, Runtime,
    bulletin::Changed,
    fault,
    store::{Progress, Stage as Where, Store},
    writer::Stage,
};

/// How much may be left to do at the writer's desk, where everybody waits.
pub const AT_THE_DESK: usize = 512;
/// How many rows are told to those who listen, before they are told to look again.
const TOLD: usize = 256;

/// What has been rebuilt so far.
pub struct Work {
    pub system: Arc<System>,
    pub context: &'static str,
    pub view: &'static str,
    /// A view of its own context's events is as far as the journal.
    pub is_own: bool,
    pub fold: Fold,
    pub sources: Sources,
    pub compared: Comparison,
}

impl Work {
    /// Shows what was left out before and is done now; false when some of it has
    /// to be asked for.
    fn show_late(&mut self, aside: &Places) -> Result<bool, Failure> {
        for (place, tail) in self.sources.late(aside) {
            let found = tail.at_hand(place.1 - 1, 1)?.unwrap_or_default();
            let Some(event) = found.first() else { return Ok(false) };
            self.show_after_all(place, event)?;
        }
        Ok(true)
    }

    /// Shows what was left out before.
    pub fn show_after_all(&mut self, place: Place, event: &Event) -> Result<(), Failure> {
        self.fold.show(event)?;
        self.sources.is_shown(place);
        Ok(())
    }

    /// What another process was asked for.
    pub fn take(&mut self, name: &str, events: Vec<Event>) -> Result<(), Failure> {
        let system = Arc::clone(&self.system);
        let view = declared(&system, self.context, self.view)?;
        self.sources.take(view, name, events)
    }

    /// Shows the next events.
    pub fn show_next(&mut self, limits: &Limits, aside: &Places) -> Result<(), Failure> {
        let system = Arc::clone(&self.system);
        let view = declared(&system, self.context, self.view)?;
        let next = self.sources.next(view, limits, aside)?;
        next.iter().try_for_each(|event| self.fold.show(event))
    }

    /// Compares all rows once; true when that is done.
    pub fn compare_some(&mut self) -> Result<bool, Failure> {
        self.compared.go_on(&mut self.fold, self.context, self.view)?;
        Ok(self.compared.is_complete())
    }

    /// Compares some of those again that have changed since.
    pub fn compare_touched(&mut self) -> Result<(), Failure> {
        let some: BTreeSet<_> = self.fold.touched.iter().take(AT_THE_DESK).copied().collect();
        self.fold.touched.retain(|number| !some.contains(number));
        self.compared.again(&mut self.fold, (self.context, self.view), some)
    }

    /// The events that were not shown though the view is past them.
    pub fn aside(&self) -> Result<Places, Failure> {
        aside(self.fold.store(), self.context, self.view)
    }

    /// At the desk, with nothing staged: brings the new rows exactly up to the
    /// old ones, and compares. Nothing when too much is left to do here.
    pub fn draw_level(&mut self, stage: &Stage<'_>) -> Result<Option<Difference>, Failure> {
        let limits = if self.is_own {
            Limits::from([(self.context, stage.position())])
        } else {
            let subscription: Arc<str> = self.view.into();
            let seen = |source| stage.progress(&subscription, source).map_or(0, |it| it.position);
            self.sources.names().into_iter().map(|it| (it, seen(it))).collect()
        };
        if self.sources.left(&limits) > AT_THE_DESK as u64 {
            return Ok(None);
        }
        let aside = if self.is_own { Places::new() } else { self.aside()? };
        if !self.show_late(&aside)? {
            return Ok(None);
        }
        while !self.sources.are_done(&limits) {
            self.show_next(&limits, &aside)?;
            if self.sources.are_away() {
                return Ok(None); // nobody can wait here
            }
        }
        if self.fold.touched.len() > AT_THE_DESK {
            return Ok(None);
        }
        self.compare_touched()?;
        self.compared.difference(&mut self.fold, (self.context, self.view)).map(Some)
    }

    /// As [`Work::draw_level`]; then the new rows take the place of the old ones.
    pub fn switch(
        &mut self,
        stage: &mut Stage<'_>,
        runtime: &Runtime,
    ) -> Result<Option<Difference>, Failure> {
        let Some(difference) = self.draw_level(stage)? else { return Ok(None) };
        self.fold.write_all()?;
        fault::reached(&*runtime.chance, "rebuild.before_switch");
        stage.switch(self.fold.store(), self.view)?;
        fault::reached(&*runtime.chance, "rebuild.after_switch");
        self.tell(runtime)?;
        Ok(Some(difference))
    }

    /// Tells whoever listens.
    fn tell(&self, runtime: &Runtime) -> Result<(), Failure> {
        let system = Arc::clone(&self.system);
        let view = declared(&system, self.context, self.view)?;
        let mut changes = Vec::new();
        match self.compared.to_tell(TOLD) {
            Some(numbers) => {
                for number in numbers {
                    let row = self.fold.store().row(self.context, self.view, number)?;
                    changes.extend(row.map(|it| {
                        let (version, row) = (it.version, it.row);
                        Changed::Row { number, version, row }
                    }));
                }
            }
            None => changes.push(Changed::All),
        }
        runtime.bulletin.switched(self.view, runtime.seen(self.context, view)?, changes);
        Ok(())
    }
}

/// Up to where each journal has been shown to the old rows, as committed.
pub fn limits(
    runtime: &Runtime,
    context: &'static str,
    view: &str,
    sources: &[&'static str],
) -> Result<Limits, Failure> {
    let progress = runtime.store(context)?.progress(context)?;
    let seen: BTreeMap<_, _> = progress
        .iter()
        .filter(|it| *it.subscription == *view)
        .map(|it: &Progress| (it.source, it.position))
        .collect();
    Ok(sources.iter().map(|it| (*it, seen.get(it).copied().unwrap_or(0))).collect())
}

fn aside(store: &dyn Store, context: &'static str, view: &str) -> Result<Places, Failure> {
    let all = store.deliveries(context, Some(view), None, usize::MAX)?.into_iter();
    let not_shown = |it: &Where| !matches!(it, Where::Refused);
    Ok(all.filter(|it| not_shown(&it.stage)).map(|it| (it.key.source, it.key.position)).collect())
}

//! While another process holds the lease of a view: how far that one is, so
//! that whoever reads the view here knows how fresh it is and hears of changes.

use std::time::Duration;

use kernel::{Event, Time};

use super::{Which, reader::Reader};
use crate::{
    Failure, mutant,
    store::{Progress, Row},
    writer::Announce,
};

/// How many events are looked at in one go.
const PAGE: usize = 256;

impl Reader {
    /// Whether somebody else reads for this subscription, as far as can be seen
    /// without a turn.
    pub(super) async fn is_in_other_hands(&mut self) -> Result<bool, Failure> {
        let store = self.runtime.store(self.line.context)?;
        if !store.is_shared() {
            return Ok(false);
        }
        let all = store.progress(self.line.context)?;
        let own = |it: &&Progress| {
            it.subscription == self.line.subscription && it.source == self.line.source
        };
        let Some(progress) = all.iter().find(own) else { return Ok(false) };
        let lease = self.runtime.settings.lease;
        if is_free(progress, &self.runtime.owner, self.runtime.clock.now(), lease) {
            return Ok(false);
        }
        let position = progress.position;
        self.follow(position).await?;
        Ok(true)
    }

    /// The view has seen this much of the journal, by the hands of another.
    async fn follow(&mut self, position: u64) -> Result<(), Failure> {
        let Which::View(index) = self.line.which else { return Ok(()) };
        let context = self.runtime.context(self.line.context)?;
        let view = &context.views[index];
        let tail = self.runtime.tail(self.line.source)?;
        let mut at = self.position;
        loop {
            let events = tail.read(at, PAGE).await?;
            let before = at;
            for event in events {
                let wanted = self.line.events.contains(&event.name);
                if wanted && event.position > position {
                    break; // it has not been shown yet
                }
                at = event.position;
                if wanted && self.runtime.bulletin.listens(view.name) {
                    self.tell_of(&event, view)?;
                }
            }
            if at <= before {
                break;
            }
        }
        self.look_past(at);
        Ok(())
    }

    fn tell_of(&self, event: &Event, view: &kernel::Projection) -> Result<(), Failure> {
        let Ok(Some(number)) = view.key(event) else { return Ok(()) };
        let context = self.line.context;
        let Some(shown) = self.runtime.store(context)?.row(context, view.name, number)? else {
            return Ok(());
        };
        let (version, row, indexed) = (shown.version, shown.row, Vec::new());
        let row = Row { view: view.name, number, version, row, indexed };
        self.runtime.bulletin.written_by_others(context, &[], &[row]);
        Ok(())
    }
}

/// Whether this process may take the lease: nobody has it any more. One that
/// would last longer than any does was taken before the clock went back; a
/// whole lease is left for clocks that do not agree.
pub fn is_free(progress: &Progress, owner: &str, now: Time, lease: Duration) -> bool {
    let is_over = progress.until <= now || progress.until > now.plus(lease * 2);
    *progress.owner == *owner || (is_over && !mutant::LEASE_WITHOUT_END.is_planted())
}

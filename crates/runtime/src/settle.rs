//! Seeing it through: the caller waits until the case settles, or not so long.

use std::time::Duration;

use kernel::{Context, Rule, Sentence, Subject};
use tokio::time::Instant;

use crate::{Failure, Runtime, Told, runtime::guarded, store::Shown, tell::Said};

/// How a case stands when the caller is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Nothing is left to wait for.
    Settled,
    /// The answer is no.
    Refused(Sentence),
    /// It goes on without the caller.
    Pending,
}

impl Runtime {
    /// Waits until the case settles, or the caller's patience ends. What was
    /// told is durable by now: whatever fails here must not sound as if nothing
    /// had changed.
    pub(crate) async fn see_through(
        &self,
        context: &Context,
        rule: &Rule,
        (said, of): (Said, Subject),
        patience: Duration,
        again: bool,
    ) -> Told {
        let row = said.row.map(|(version, row)| Shown {
            number: of.number,
            version,
            row: row.into_bytes().into(),
            sorted_by: None,
        });
        let seen = (context.name, said.position);
        if rule.settles.is_empty() {
            return Told { of, seen, row, outcome: Settlement::Settled, again };
        }
        let found = self.settlement(context, rule, &of, said.before, patience).await;
        let found = found.and_then(|found| Ok((found, self.present_row(context, &of)?)));
        let (found, present) = found.unwrap_or_else(|failure| {
            tracing::warn!(story = failure.story(), "a case cannot be seen through");
            (None, None)
        });
        let (outcome, position) = found.unwrap_or((Settlement::Pending, said.position));
        let (seen, row) = ((context.name, position), present.or(row));
        Told { of, seen, row, outcome, again }
    }

    /// The row of the context's own view, as it is now.
    fn present_row(&self, context: &Context, of: &Subject) -> Result<Option<Shown>, Failure> {
        let path = guarded(context, of.kind)?.path;
        let Some(view) = path.and_then(|path| context.shown(path)) else { return Ok(None) };
        Ok(self.store(context.name)?.row(context.name, view.name, of.number)?)
    }

    async fn settlement(
        &self,
        context: &Context,
        rule: &Rule,
        of: &Subject,
        before: u64,
        patience: Duration,
    ) -> Result<Option<(Settlement, u64)>, Failure> {
        let until = Instant::now() + patience;
        let watch = self.bulletin.watch(of);
        loop {
            let mut rung = std::pin::pin!(watch.bell().notified());
            rung.as_mut().enable();
            if let Some(found) = self.settled_after(context, rule, of, before)? {
                return Ok(Some(found));
            }
            if tokio::time::timeout_at(until, rung).await.is_err() {
                return Ok(None);
            }
        }
    }

    fn settled_after(
        &self,
        context: &Context,
        rule: &Rule,
        of: &Subject,
        before: u64,
    ) -> Result<Option<(Settlement, u64)>, Failure> {
        let history = self.store(context.name)?.history(context.name, of.kind, of.number)?;
        for event in history.iter().filter(|event| event.version > before) {
            let settles = rule.settles.iter().find(|it| it.event.name == event.name);
            let outcome = match settles.map(|it| it.refusal) {
                None => continue,
                Some(None) => Settlement::Settled,
                Some(Some(refusal)) => Settlement::Refused(refusal(event)?),
            };
            return Ok(Some((outcome, event.position)));
        }
        Ok(None)
    }
}

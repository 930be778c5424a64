//! What a batch asks of the database: first questions, then changes.

use std::collections::BTreeMap;

use runtime::store::{Batch, Changes, Row};
use tokio_postgres::Row as Stored;

use crate::{
    PostgresStore, ask::Ask, context::Context, fault::Fault, heads::Head, progress::Subscriptions,
    things::Things,
};

/// What one commit asks, in one go.
#[derive(Debug, Default)]
pub struct Plan {
    /// The statements, in order.
    pub asks: Vec<Ask>,
    /// What the answers to the first of them must be.
    pub checks: Vec<Check>,
}

/// What an answer says about whether somebody else was faster.
#[derive(Debug)]
pub enum Check {
    /// The journal of this context must end before this position.
    Head(&'static str, Option<u64>),
    /// No aggregate may stand elsewhere than it was found.
    Stale,
    /// No name may belong to another one.
    Taken,
    /// No lease may have passed on.
    Fenced,
}

impl PostgresStore {
    /// The plan for a batch; nothing when nothing changes. The lock of a
    /// context is asked for again where it is held already: that costs nothing
    /// and says where it stands.
    pub(crate) fn plan(&self, batch: &Batch) -> Result<Option<Plan>, Fault> {
        let mut changes = batch
            .changes
            .iter()
            .filter(|it| !it.is_empty() || !it.things.is_empty())
            .map(|it| Ok((self.context(it.context)?, it)))
            .collect::<Result<Vec<_>, Fault>>()?;
        if changes.is_empty() {
            return Ok(None);
        }
        // Everybody takes the locks in this order, so that nobody waits in a circle.
        changes.sort_by_key(|(context, _)| context.name);
        let mut plan = Plan::default();
        for (context, changes) in &changes {
            plan.ask(context.head.lock(), head(changes)?);
        }
        for (context, changes) in &changes {
            plan.question(context, changes)?;
        }
        for (context, changes) in &changes {
            plan.change(context, changes)?;
        }
        Ok(Some(plan))
    }
}

impl Plan {
    fn ask(&mut self, ask: Ask, check: Check) {
        self.asks.push(ask);
        self.checks.push(check);
    }

    fn question(&mut self, context: &Context, changes: &Changes) -> Result<(), Fault> {
        if !changes.things.is_empty() || !changes.events.is_empty() {
            self.ask(context.things.stale(changes)?, Check::Stale);
            if let Some(taken) = context.things.taken(&changes.things)? {
                self.ask(taken, Check::Taken);
            }
        }
        if !changes.progress.is_empty() {
            self.ask(context.subscriptions.fenced(&changes.progress)?, Check::Fenced);
        }
        Ok(())
    }

    fn change(&mut self, context: &Context, changes: &Changes) -> Result<(), Fault> {
        if !changes.events.is_empty() {
            self.asks.push(context.journal.append(&changes.events)?);
        }
        self.asks.extend(context.head.count(changes)?);
        if !changes.things.is_empty() {
            for thing in &changes.things {
                context.kind(thing.kind)?;
            }
            self.asks.push(context.things.put(&changes.things)?);
        }
        let mut views: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
        for row in &changes.rows {
            views.entry(row.view).or_default().push(row);
        }
        for (view, rows) in views {
            self.asks.push(context.view(view)?.put(&rows)?);
        }
        if !changes.answers.is_empty() {
            self.asks.push(context.answers.put(&changes.answers));
        }
        if !changes.progress.is_empty() {
            self.asks.push(context.subscriptions.put(&changes.progress)?);
        }
        self.asks.extend(context.deliveries.change(&changes.deliveries)?);
        if !changes.acts.is_empty() {
            self.asks.push(context.acts.put(&changes.acts)?);
        }
        self.asks.push(context.head.step(changes.events.len()));
        Ok(())
    }
}

impl Check {
    /// What an answer means.
    pub fn look(&self, rows: &[Stored]) -> Result<(), Fault> {
        match self {
            Self::Head(context, before) => {
                let position = Head::turn(rows)?.position;
                if before.is_some_and(|before| before != position) {
                    return Err(Fault::Conflict(format!("the journal of {context}")));
                }
                Ok(())
            }
            Self::Stale => Things::stale_one(rows),
            Self::Taken => Things::taken_one(rows),
            Self::Fenced => Subscriptions::fenced_one(rows),
        }
    }
}

/// The events have consecutive positions; before the first one is the head.
fn head(changes: &Changes) -> Result<Check, Fault> {
    let first = changes.events.first().map(|it| it.position);
    let before = first.map(|first| first.saturating_sub(1));
    let wanted = before.map_or(0, |before| before + 1);
    for (event, position) in changes.events.iter().zip(wanted..) {
        if event.position != position {
            return Err(Fault::Conflict(format!("the journal of {}", changes.context)));
        }
    }
    Ok(Check::Head(changes.context, before))
}

//! The port of the runtime, method by method.

use kernel::{Case, Event, Time};
use runtime::store::{
    Act, Answer, Batch, Delivery, DeliveryKey, Filter, Heads, Progress, Query, Shadows, Shown,
    Store, StoreError, Thing, Turn,
};

use crate::{
    PostgresStore,
    acts::Acts,
    answers::Answers,
    fault::Fault,
    progress::Subscriptions,
    rows::View,
    taken::{number, take},
};

impl Store for PostgresStore {
    fn begin(&self, contexts: &[&'static str]) -> Result<Vec<Turn>, StoreError> {
        let mut sorted = contexts.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let locks = sorted.iter().map(|name| Ok(self.context(name)?.head.lock()));
        let locks = locks.collect::<Result<Vec<_>, Fault>>()?;
        let turns = self.writer.begin(&self.driver, locks)?;
        let place = |name: &&'static str| sorted.binary_search(name).ok().map(|at| turns[at]);
        Ok(contexts.iter().filter_map(place).collect())
    }

    fn leave(&self) {
        self.writer.leave(&self.driver);
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let plan = self.plan(batch);
        let Ok(Some(plan)) = plan else {
            self.writer.leave(&self.driver);
            return Ok(plan.map(|_| ())?);
        };
        Ok(self.writer.commit(&self.driver, plan)?)
    }

    fn heads(&self, context: &'static str) -> Result<Heads, StoreError> {
        let context = self.context(context)?;
        let place = || format!("the head of {}", context.name);
        let mut heads = Heads::default();
        for row in self.read(context.head.all(&context.kinds))? {
            let count = number(&row, 2)?;
            match take::<i32>(&row, 0)? {
                0 => heads.position = count,
                1 => heads.numbers.push((context.kind(take(&row, 1)?)?, count)),
                _ => heads.tallies.push((self.known(take(&row, 1)?, place)?, count)),
            }
        }
        heads.numbers.sort_unstable();
        heads.tallies.sort_unstable();
        Ok(heads)
    }

    fn thing(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Option<Thing>, StoreError> {
        let context = self.context(context)?;
        let rows = self.read(context.things.numbered(context.kind(kind)?, number))?;
        Ok(context.things.thing(self, &rows)?)
    }

    fn thing_named(
        &self,
        context: &'static str,
        kind: &'static str,
        name: &str,
    ) -> Result<Option<Thing>, StoreError> {
        let context = self.context(context)?;
        let rows = self.read(context.things.named(context.kind(kind)?, name))?;
        Ok(context.things.thing(self, &rows)?)
    }

    fn events(
        &self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let journal = &self.context(context)?.journal;
        Ok(journal.events(self, &self.read(journal.after(after, limit))?)?)
    }

    fn events_of_case(
        &self,
        context: &'static str,
        case: Case,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let journal = &self.context(context)?.journal;
        Ok(journal.events(self, &self.read(journal.of_case(case, after, limit))?)?)
    }

    fn history(
        &self,
        context: &'static str,
        kind: &'static str,
        number: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let context = self.context(context)?;
        let rows = self.read(context.journal.history(context.kind(kind)?, number))?;
        Ok(context.journal.whole(self, &rows)?)
    }

    fn count_after(
        &self,
        context: &'static str,
        after: u64,
        names: &[&'static str],
    ) -> Result<u64, StoreError> {
        let journal = &self.context(context)?.journal;
        Ok(counted(&self.read(journal.count_after(after, names))?)?)
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        let view = self.context(context)?.view(view)?;
        let rows = self.read(view.numbered(number))?;
        Ok(rows.first().map(View::shown).transpose()?)
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        query: &Query,
    ) -> Result<Vec<Shown>, StoreError> {
        let view = self.context(context)?.view(view)?;
        let rows = self.read(view.list(query)?)?;
        Ok(rows.iter().map(View::shown).collect::<Result<_, Fault>>()?)
    }

    fn count_rows(
        &self,
        context: &'static str,
        view: &'static str,
        filters: &[Filter],
    ) -> Result<u64, StoreError> {
        let view = self.context(context)?.view(view)?;
        let ask = if filters.is_empty() { view.count_all() } else { view.count(filters)? };
        Ok(counted(&self.read(ask)?)?)
    }

    fn answer(&self, context: &'static str, scope: u128) -> Result<Option<Answer>, StoreError> {
        let answers = &self.context(context)?.answers;
        Ok(Answers::answer(scope, &self.read(answers.under(scope))?)?)
    }

    fn progress(&self, context: &'static str) -> Result<Vec<Progress>, StoreError> {
        let subscriptions = &self.context(context)?.subscriptions;
        Ok(Subscriptions::progress(self, &self.read(subscriptions.all())?)?)
    }

    fn deliveries(
        &self,
        context: &'static str,
        subscription: Option<&str>,
        stage: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        let Some(ask) = deliveries.list(subscription, stage, limit) else { return Ok(Vec::new()) };
        Ok(deliveries.deliveries(self, &self.read(ask)?)?)
    }

    fn delivery(
        &self,
        context: &'static str,
        key: &DeliveryKey,
    ) -> Result<Option<Delivery>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        let rows = self.read(deliveries.one(key))?;
        Ok(rows.first().map(|row| deliveries.delivery(self, row)).transpose()?)
    }

    fn acts(
        &self,
        context: &'static str,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<Act>, StoreError> {
        let context = self.context(context)?;
        let rows = self.read(context.acts.list(about, limit))?;
        Ok(Acts::acts(self, &context.deliveries, &rows)?)
    }

    fn due(
        &self,
        context: &'static str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        Ok(deliveries.deliveries(self, &self.read(deliveries.due(subscription, until, limit))?)?)
    }

    fn count_deliveries(
        &self,
        context: &'static str,
        subscription: &str,
        source: &'static str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let deliveries = &self.context(context)?.deliveries;
        Ok(deliveries.counts(&self.read(deliveries.count(subscription, source))?)?)
    }

    fn stale_views(&self, context: &'static str) -> Result<Vec<&'static str>, StoreError> {
        let context = self.context(context)?;
        let rows = self.read(context.head.stale())?;
        let stale = rows.iter().map(|row| take::<&str>(row, 0));
        let stale = stale.collect::<Result<Vec<_>, _>>()?;
        let views = context.views.iter().map(|view| view.name);
        Ok(views.filter(|name| stale.contains(name)).collect())
    }

    fn refreshed(&self, context: &'static str, view: &'static str) -> Result<(), StoreError> {
        self.read(self.context(context)?.view(view)?.refreshed())?;
        Ok(())
    }

    fn shadows(&self) -> Option<&dyn Shadows> {
        Some(self)
    }

    fn is_shared(&self) -> bool {
        true
    }
}

fn counted(rows: &[tokio_postgres::Row]) -> Result<u64, Fault> {
    rows.first().map_or(Ok(0), |row| number(row, 0))
}

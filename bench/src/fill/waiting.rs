//! Deliveries that wait for their time, at hand: a long history has many, and
//! each is looked for often while it is being written.

use std::collections::{BTreeMap, HashMap};

use kernel::Time;
use runtime::store::{Delivery, DeliveryChange, DeliveryKey, Stage};

/// Deliveries that wait for their time.
#[derive(Default)]
pub struct Waiting {
    by_time: BTreeMap<&'static str, BTreeMap<(Time, DeliveryKey), Delivery>>,
    times: HashMap<DeliveryKey, Time>,
}

impl Waiting {
    /// One is put aside, moved on or done.
    pub fn note(&mut self, context: &'static str, change: &DeliveryChange) {
        let (DeliveryChange::Put(Delivery { key, .. }) | DeliveryChange::Done(key)) = change;
        let of_context = self.by_time.entry(context).or_default();
        if let Some(time) = self.times.remove(key) {
            of_context.remove(&(time, key.clone()));
        }
        if let DeliveryChange::Put(delivery) = change
            && let Stage::Waiting { due } | Stage::Failed { due } = delivery.stage
        {
            self.times.insert(key.clone(), due);
            of_context.insert((due, key.clone()), delivery.clone());
        }
    }

    /// Those of one subscription that may be tried by then, the first due first.
    pub fn due(
        &self,
        context: &str,
        subscription: &str,
        until: Time,
        limit: usize,
    ) -> Vec<Delivery> {
        let all = self.by_time.get(context).into_iter().flatten();
        let due = all.take_while(|((due, _), _)| *due <= until);
        let ours = due.filter(|((_, key), _)| *key.subscription == *subscription);
        ours.take(limit).map(|(_, delivery)| delivery.clone()).collect()
    }
}

//! Counter: amounts are added up.

use kernel::{Aggregate, Context, Evolve, Message, Recorded, View};
use serde::{Deserialize, Serialize};

use super::{CLERK, CountId};

/// Begin with this much.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Begin {
    pub amount: u64,
}

/// Add this much.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Add {
    pub amount: u64,
}

/// So much was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Added {
    pub amount: u64,
    pub sum: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Sum(u64);

/// What was added up.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct CounterRow {
    pub sum: u64,
    pub times: u32,
}

pub fn context() -> Context {
    Context::named("counter")
        .aggregate(
            Aggregate::<Sum, CountId>::named("count")
                .at("counters")
                .decide(begin)
                .by(&[CLERK])
                .post()
                .decide(add)
                .by(&[CLERK])
                .put("add"),
        )
        .view(View::<CounterRow>::named("counters").shows::<Added>())
}

fn begin(Sum(sum): &Sum, Begin { amount }: Begin) -> Added {
    Added { amount, sum: sum + amount }
}

fn add(Sum(sum): &Sum, Add { amount }: Add) -> Added {
    Added { amount, sum: sum + amount }
}

impl Evolve<Added> for Sum {
    fn evolve(&mut self, it: &Recorded<Added>) {
        self.0 = it.sum;
    }
}

impl Evolve<Added> for CounterRow {
    fn evolve(&mut self, it: &Recorded<Added>) {
        self.sum += it.amount;
        self.times += 1;
    }
}

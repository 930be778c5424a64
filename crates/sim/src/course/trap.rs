//! Trap: at times its code panics over some amounts, in a policy or in a decision.

use kernel::{Aggregate, Context, Evolve, Message, Recorded, To};
use serde::{Deserialize, Serialize};

use super::{CountId, POISONED, counter::Added};

/// The policy panics over this amount, and the decision over that.
const POLICY: u64 = 11;
const DECISION: u64 = 12;

/// Step on it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Step {
    pub amount: u64,
}

/// It was stepped on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Stepped {
    pub amount: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Snare(u64);

pub fn context() -> Context {
    Context::named("trap")
        .policy(step_on_every_amount)
        .aggregate(Aggregate::<Snare, CountId>::named("snare").decide(step))
}

fn step_on_every_amount(it: &Recorded<Added>) -> To<Step> {
    beware(it.amount, POLICY);
    To(it.of, Step { amount: it.amount })
}

fn step(_: &Snare, Step { amount }: Step) -> Stepped {
    beware(amount, DECISION);
    Stepped { amount }
}

fn beware(amount: u64, of: u64) {
    if amount == of && POISONED.get() {
        std::panic::panic_any(crate::PANIC);
    }
}

impl Evolve<Stepped> for Snare {
    fn evolve(&mut self, _: &Recorded<Stepped>) {
        self.0 += 1;
    }
}

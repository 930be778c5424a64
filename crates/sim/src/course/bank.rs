//! Bank: answers how much is left.

use kernel::{Aggregate, Context, Evolve, Message, Question, Recorded, View};
use serde::{Deserialize, Serialize};

use super::{CLERK, CountId};

/// Put this much aside.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Deposit {
    pub amount: u64,
}

/// So much was put aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Deposited {
    pub amount: u64,
}

/// How much is there?
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct HowMuch {}

#[derive(Default, Serialize, Deserialize)]
pub struct Safe(u64);

/// What is in a safe.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct SafeRow {
    pub there: u64,
}

impl Question for HowMuch {
    type Answer = u64;
    const OF: &'static str = "bank";
}

pub fn context() -> Context {
    Context::named("bank")
        .aggregate(
            Aggregate::<Safe, CountId>::named("safe")
                .at("safes")
                .decide(deposit)
                .by(&[CLERK])
                .post()
                .answers(how_much),
        )
        .view(View::<SafeRow>::named("safes").shows::<Deposited>())
}

fn deposit(_: &Safe, Deposit { amount }: Deposit) -> Deposited {
    Deposited { amount }
}

fn how_much(safe: &Safe, _: HowMuch) -> u64 {
    safe.0
}

impl Evolve<Deposited> for Safe {
    fn evolve(&mut self, it: &Recorded<Deposited>) {
        self.0 += it.amount;
    }
}

impl Evolve<Deposited> for SafeRow {
    fn evolve(&mut self, it: &Recorded<Deposited>) {
        self.there += it.amount;
    }
}

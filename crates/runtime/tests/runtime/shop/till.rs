//! Till: sales are rung up and, sometimes, taken back.

use kernel::{Aggregate, Context, Evolve, Message, Recorded, View};
use serde::{Deserialize, Serialize};

use super::{CLERK, SaleId};

/// Ring up a sale.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct RingUp {
    pub amount: i64,
}

/// Ring up one more thing on the same sale.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct AddTo {
    pub amount: i64,
}

/// Write something on a sale.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct WriteOn {
    pub text: String,
}

/// Something was written on a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct WrittenOn {
    pub text: String,
}

/// So much was rung up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct RungUp {
    pub amount: i64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Open {
    sum: i64,
}

/// What was sold.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct SaleRow {
    pub sum: i64,
    pub times: u32,
}

pub fn context() -> Context {
    Context::named("till")
        .aggregate(
            Aggregate::<Open, SaleId>::named("sale")
                .at("sales")
                .decide(ring_up)
                .by(&[CLERK])
                .post()
                .decide(add)
                .by(&[CLERK])
                .put("add")
                .decide(write_on)
                .by(&[CLERK])
                .put("write"),
        )
        .view(
            View::<SaleRow>::named("sales").shows::<RungUp>().indexed("sum", |row| row.sum.into()),
        )
}

fn ring_up(_: &Open, RingUp { amount }: RingUp) -> RungUp {
    RungUp { amount }
}

fn add(_: &Open, AddTo { amount }: AddTo) -> RungUp {
    RungUp { amount }
}

fn write_on(_: &Open, WriteOn { text }: WriteOn) -> WrittenOn {
    WrittenOn { text }
}

impl Evolve<WrittenOn> for Open {
    fn evolve(&mut self, _: &Recorded<WrittenOn>) {}
}

impl Evolve<RungUp> for Open {
    fn evolve(&mut self, it: &Recorded<RungUp>) {
        self.sum += it.amount;
    }
}

impl Evolve<RungUp> for SaleRow {
    fn evolve(&mut self, it: &Recorded<RungUp>) {
        self.sum += it.amount;
        self.times += 1;
    }
}

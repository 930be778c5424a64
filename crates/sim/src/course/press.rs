//! Press: every amount is printed outside.

use kernel::{Aggregate, Context, Evolve, Json, Message, Recorded, To, Wish};
use serde::{Deserialize, Serialize};

use super::{CountId, counter::Added};
use crate::world::PROVIDER;

/// Print it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(CountId)]
pub struct Print {
    pub order_id: String,
    pub amount: u64,
}

/// Write down that it was printed.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct NotePrinted {
    pub amount: u64,
}

/// It was printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(CountId)]
pub struct Printed {
    pub amount: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Sheet(u64);

impl Wish for Print {
    type Answer = Json;
    const TO: &'static str = PROVIDER;
}

pub fn context() -> Context {
    Context::named("press")
        .effect(print_every_amount, note_what_was_printed)
        .aggregate(Aggregate::<Sheet, CountId>::named("sheet").decide(note_printed))
}

fn print_every_amount(it: &Recorded<Added>) -> Print {
    Print { order_id: format!("{}-{}", it.of, it.sum), amount: it.amount }
}

fn note_what_was_printed(it: &Recorded<Added>, _: Json) -> To<NotePrinted> {
    To(it.of, NotePrinted { amount: it.amount })
}

fn note_printed(_: &Sheet, NotePrinted { amount }: NotePrinted) -> Printed {
    Printed { amount }
}

impl Evolve<Printed> for Sheet {
    fn evolve(&mut self, _: &Recorded<Printed>) {
        self.0 += 1;
    }
}

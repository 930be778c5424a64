//! A shop whose bookkeeping ends the process now and then.

use kernel::{Aggregate, Context, Evolve, Id, Message, Recorded, Role, Sentence, System, To, View};
use serde::{Deserialize, Serialize};

pub enum Sale {}
pub type SaleId = Id<Sale>;

const CLERK: Role = Role::new("clerk", "근무자");
/// At this amount the policy ends the process.
pub const POLICY: i64 = 13;
/// At this one the decision does.
pub const DECISION: i64 = 14;
/// At this one the view does.
pub const VIEW: i64 = 15;

/// Ring something up.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct RingUp {
    pub amount: i64,
}

/// So much was rung up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct RungUp {
    pub amount: i64,
}

/// Enter a sale.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Enter {
    pub amount: i64,
}

/// A sale was entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Entered {
    pub amount: i64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Till {}

#[derive(Default, Serialize, Deserialize)]
pub struct Page {}

/// What was sold.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Sold {
    pub sum: i64,
}

pub fn system() -> System {
    let till = Aggregate::<Till, SaleId>::named("sale").at("sales");
    let page = Aggregate::<Page, SaleId>::named("page");
    System {
        name: "shop",
        folder: "shop",
        title: Sentence::new("가게", "Shop"),
        contexts: vec![
            Context::named("till").aggregate(
                till.decide(|_: &Till, RingUp { amount }: RingUp| RungUp { amount })
                    .by(&[CLERK])
                    .put("more"),
            ),
            Context::named("books").policy(enter_every_sale).aggregate(page.decide(enter)),
            Context::named("window").view(View::<Sold>::named("sold").shows::<RungUp>()),
        ],
    }
}

fn enter_every_sale(it: &Recorded<RungUp>) -> To<Enter> {
    if it.amount == POLICY {
        std::process::abort();
    }
    To(it.of, Enter { amount: it.amount })
}

fn enter(_: &Page, Enter { amount }: Enter) -> Entered {
    if amount == DECISION {
        std::process::abort();
    }
    Entered { amount }
}

impl Evolve<RungUp> for Till {
    fn evolve(&mut self, _: &Recorded<RungUp>) {}
}

impl Evolve<Entered> for Page {
    fn evolve(&mut self, _: &Recorded<Entered>) {}
}

impl Evolve<RungUp> for Sold {
    fn evolve(&mut self, it: &Recorded<RungUp>) {
        if it.amount == VIEW {
            std::process::abort();
        }
        self.sum += it.amount;
    }
}

//! Ledger: every sale is entered once; it has its whims.

use std::sync::atomic::{AtomicBool, Ordering};

use kernel::{Aggregate, Context, Evolve, Message, Recorded, Refuse, To, View, Wish};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{SaleId, till::RungUp};

/// While this is set, an entry of 13 makes the ledger panic.
pub static SUPERSTITIOUS: AtomicBool = AtomicBool::new(true);

/// Enter a sale.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Enter {
    pub amount: i64,
}

/// Write down that the receipt was printed.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct NotePrinted {
    pub printed: i64,
}

/// A sale was entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Entered {
    pub amount: i64,
}

/// A receipt was printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Printed {
    pub amount: i64,
}

/// Print a receipt.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct Print {
    pub amount: i64,
}

/// What the printer says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Slip {
    pub printed: i64,
}

/// What the ledger shows.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
pub struct EntryRow {
    pub amounts: Vec<i64>,
    pub rung_up: i64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Page {
    sum: i64,
}

#[derive(Debug, Error)]
pub enum Refusal {
    #[error("an unlucky sale is not entered")]
    Unlucky,
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        "재수 없는 판매는 적지 않아요.".into()
    }
}

impl Wish for Print {
    type Answer = Slip;
    const TO: &'static str = "printer";
}

pub fn context() -> Context {
    Context::named("ledger")
        .policy(enter_every_sale)
        .effect(print_a_receipt, note_what_was_printed)
        .aggregate(Aggregate::<Page, SaleId>::named("page").decide(enter).decide(note_printed))
        .view(View::<EntryRow>::named("entries").shows::<Entered>().shows::<RungUp>())
}

fn enter_every_sale(it: &Recorded<RungUp>) -> To<Enter> {
    assert_ne!(it.amount, 667, "not entered");
    To(it.of, Enter { amount: it.amount })
}

fn print_a_receipt(it: &Recorded<RungUp>) -> Print {
    Print { amount: it.amount }
}

fn note_what_was_printed(it: &Recorded<RungUp>, Slip { printed }: Slip) -> To<NotePrinted> {
    To(it.of, NotePrinted { printed })
}

fn enter(_: &Page, Enter { amount }: Enter) -> Result<Entered, Refusal> {
    match amount {
        7 => Err(Refusal::Unlucky),
        13 if SUPERSTITIOUS.load(Ordering::Relaxed) => panic!("thirteen"),
        _ => Ok(Entered { amount }),
    }
}

fn note_printed(_: &Page, NotePrinted { printed }: NotePrinted) -> Printed {
    Printed { amount: printed }
}

impl Evolve<Entered> for Page {
    fn evolve(&mut self, it: &Recorded<Entered>) {
        self.sum += it.amount;
    }
}

impl Evolve<Printed> for Page {
    fn evolve(&mut self, _: &Recorded<Printed>) {}
}

impl Evolve<Entered> for EntryRow {
    fn evolve(&mut self, it: &Recorded<Entered>) {
        self.amounts.push(it.amount);
    }
}

impl Evolve<RungUp> for EntryRow {
    fn evolve(&mut self, it: &Recorded<RungUp>) {
        assert_ne!(it.amount, 666, "not shown");
        self.rung_up += it.amount;
    }
}

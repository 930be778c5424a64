//! Teller: tells of every amount, at once and later, and asks the bank before.

use std::time::Duration;

use kernel::{Aggregate, Context, Evolve, Id, Message, Recorded, Refuse, To};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{CLERK, CountId, bank::HowMuch, counter::Added};

/// A page in the teller's book.
pub enum Page {}
/// Which page: that of the counter, or one far behind it.
pub type PageId = Id<Page>;

/// How long it takes the teller to remember.
const LATER: Duration = Duration::from_secs(20);
/// The pages for echoes begin here.
const ECHO: u64 = 1_000;

/// Tell of it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Tell {
    pub amount: u64,
}

/// Remember it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Remember {
    pub amount: u64,
}

/// Say it again, and again.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Echo {
    pub amount: u64,
}

/// Look how much is there.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Peek {}

/// Somebody has looked how much is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Peeked {
    pub there: u64,
}

/// It was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Told {
    pub amount: u64,
    pub there: u64,
}

/// It was remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Remembered {
    pub amount: u64,
}

/// It was said again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(PageId)]
pub struct Echoed {
    pub amount: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Book {
    told: u64,
}

#[derive(Debug, Error)]
pub enum Refusal {
    #[error("nobody tells of a seven")]
    Seven,
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        "7은 말하지 않아요.".into()
    }
}

pub fn context() -> Context {
    Context::named("teller")
        .policy(tell_of_every_amount)
        .policy_after(LATER, remember_every_amount)
        .policy(say_small_amounts_twice)
        .aggregate(
            Aggregate::<Book, PageId>::named("page")
                .decide_knowing(how_much_is_there, tell)
                .decide_knowing(is_anybody_there, remember)
                .decide_knowing(how_much_is_there_now, peek)
                .by(&[CLERK])
                .put("peek")
                .decide(echo),
        )
}

fn page(of: CountId) -> u64 {
    kernel::Counted::number(&of)
}

fn tell_of_every_amount(it: &Recorded<Added>) -> To<Tell> {
    To(PageId::new(page(it.of)), Tell { amount: it.amount })
}

fn remember_every_amount(it: &Recorded<Added>) -> To<Remember> {
    To(PageId::new(page(it.of)), Remember { amount: it.amount })
}

fn say_small_amounts_twice(it: &Recorded<Added>) -> Vec<To<Echo>> {
    let one = |number| To(PageId::new(number), Echo { amount: it.amount });
    let behind = ECHO + page(it.of);
    if it.amount < 5 { vec![one(behind), one(behind + ECHO)] } else { Vec::new() }
}

/// One safe and the other, in turn.
#[expect(clippy::unnecessary_wraps, reason = "a question may refuse")]
fn how_much_is_there(book: &Book, _: &Tell) -> Result<To<HowMuch>, Refusal> {
    Ok(To(CountId::new(1 + book.told % 2), HowMuch {}))
}

#[expect(clippy::unnecessary_wraps, reason = "a question may refuse")]
fn is_anybody_there(_: &Book, _: &Remember) -> Result<To<HowMuch>, Refusal> {
    Ok(To(CountId::new(2), HowMuch {}))
}

#[expect(clippy::unnecessary_wraps, reason = "a question may refuse")]
fn how_much_is_there_now(book: &Book, _: &Peek) -> Result<To<HowMuch>, Refusal> {
    Ok(To(CountId::new(1 + book.told % 2), HowMuch {}))
}

fn peek(_: &Book, _: Peek, there: u64) -> Peeked {
    Peeked { there }
}

fn tell(_: &Book, Tell { amount }: Tell, there: u64) -> Result<Told, Refusal> {
    if amount == 7 { Err(Refusal::Seven) } else { Ok(Told { amount, there }) }
}

fn remember(_: &Book, Remember { amount }: Remember, _: u64) -> Remembered {
    Remembered { amount }
}

fn echo(_: &Book, Echo { amount }: Echo) -> Echoed {
    Echoed { amount }
}

impl Evolve<Told> for Book {
    fn evolve(&mut self, _: &Recorded<Told>) {
        self.told += 1;
    }
}

impl Evolve<Peeked> for Book {
    fn evolve(&mut self, _: &Recorded<Peeked>) {
        self.told += 1;
    }
}

impl Evolve<Remembered> for Book {
    fn evolve(&mut self, _: &Recorded<Remembered>) {}
}

impl Evolve<Echoed> for Book {
    fn evolve(&mut self, _: &Recorded<Echoed>) {}
}

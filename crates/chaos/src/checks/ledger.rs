//! The ledger: it adds up, and nothing is left in it.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    client::{Ask, Client},
    report::{Finding, count},
    wait::until,
};

/// What comes after a week waits for a week.
const DELAYED: &str = "Repaired -> MarkReceivable";
/// What is still to be done.
const OPEN: [&str; 4] = ["waiting", "leased", "failed", "parked"];

/// The ledger at one moment.
#[derive(Debug)]
pub struct Ledger {
    entries: Vec<Value>,
    adds_up: bool,
    /// The contexts that nobody tells of, where several processes are asked.
    missing: Vec<Value>,
}

/// Waits until everyone has been told of everything; how long that took, and the ledger then.
pub async fn settled(server: SocketAddr) -> Result<(Duration, Ledger)> {
    let began = Instant::now();
    let ledger = until("everyone has been told of everything", async || {
        let ledger = Ledger::read(server).await?;
        Ok(ledger.open().is_empty().then_some(ledger))
    });
    let ledger = match ledger.await {
        Ok(ledger) => ledger,
        // What is left is worth more than that something is.
        Err(_) => Ledger::read(server).await?,
    };
    Ok((began.elapsed(), ledger))
}

impl Ledger {
    /// As the server tells it.
    pub async fn read(server: SocketAddr) -> Result<Self> {
        let answer = Client::new(false).send(server, &Ask::get("/ops/ledger")).await?;
        ensure!(answer.status == 200, "the ledger: {answer}");
        let entries = answer.body["entries"].as_array().context("the entries")?.clone();
        let missing = answer.body["missing"].as_array().cloned().unwrap_or_default();
        Ok(Self { entries, adds_up: answer.body["addsUp"] == true, missing })
    }

    /// Whether everyone tells of theirs.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// The lines that do not add up, by our own reckoning and by theirs.
    pub fn wrong(&self) -> Vec<String> {
        let parts = ["done", "refused", "waiting", "leased", "failed", "parked", "abandoned"];
        let adds_up = |it: &Value| {
            let sum: u64 = parts.iter().filter_map(|part| it[part].as_u64()).sum();
            it["committed"].as_u64() == Some(sum)
        };
        let mut wrong: Vec<_> =
            self.entries.iter().filter(|it| !adds_up(it)).map(Value::to_string).collect();
        if wrong.is_empty() && !self.adds_up {
            wrong.push("the server says that it does not add up".to_owned());
        }
        wrong
    }

    /// How much waits for one context.
    pub fn waiting_for(&self, context: &str) -> u64 {
        let own = self.entries.iter().filter(|it| it["context"] == context);
        own.filter_map(|it| it["waiting"].as_u64()).sum()
    }

    /// The sum of a figure over all lines.
    pub fn sum(&self, figure: &str) -> u64 {
        self.entries.iter().filter_map(|it| it[figure].as_u64()).sum()
    }

    /// The lines on which something is left to be done.
    pub fn open(&self) -> Vec<String> {
        let is_open = |it: &&Value| {
            let parts = if it["subscription"] == DELAYED { &OPEN[1..] } else { &OPEN[..] };
            parts.iter().any(|part| it[part] != 0)
        };
        let open = self.entries.iter().filter(is_open).map(Value::to_string);
        open.chain(self.missing.iter().map(|it| format!("nobody tells of {it}"))).collect()
    }

    /// That it adds up, and that nothing is left.
    pub fn findings(&self) -> [Finding; 2] {
        let told = self.entries.iter().filter_map(|it| it["committed"].as_u64()).sum::<u64>();
        let adds_up =
            Finding::each("the ledger adds up, line by line", self.entries.len(), self.wrong())
                .rule("U12");
        let quiet = Finding::none("nothing is left to be delivered", self.open());
        [adds_up, quiet.with(format!("{} deliveries", count(told))).rule("U2")]
    }
}

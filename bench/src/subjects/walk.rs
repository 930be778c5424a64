//! Clients that walk whole cases: a request, its acceptance, its repair, the bill.

use std::{
    collections::VecDeque,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    fill::PRODUCTS,
    load::{Load, Outcome, Template, Wire, each, once, until},
    server::Server,
};

/// How many cases of a client are between two steps: somebody else has to do
/// something in between.
const BETWEEN: usize = 8;
/// How often a step is tried whose turn has not come yet.
const ATTEMPTS: usize = 20_000;
/// How long everything may take to be delivered.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a client sends.
#[derive(Clone)]
struct Steps {
    requests: Vec<Template>,
    accept: Template,
    repair: Template,
}

/// Puts enough parts on the shelves.
pub fn stock(server: &Server) -> Result<()> {
    for product in 1..=PRODUCTS {
        let body = format!(r#"{{"relatedProductId":"{product}","stock":100000,"unitPrice":5000}}"#);
        let ask = Template::command("POST", "/repair/stocks", &body);
        let (status, text) = once(server.address, &ask, super::post::fresh_keys())?;
        ensure!(status == 201, "{status} {text}");
    }
    Ok(())
}

/// Whole cases for so long; the answers counted are those to the repair, when it
/// is paid. The clock stops when the last case is paid.
pub fn walk(server: &Server, connections: usize, lasts: Duration) -> Result<Outcome> {
    let steps = Steps::new();
    let keys = super::post::fresh_keys();
    let mut outcome = each(server.address, connections, move || {
        let (end, steps) = (Instant::now() + lasts, Rc::new(steps));
        move |index, wire| {
            let (steps, keys) = (Steps::clone(&steps), keys + (index as u64) * 10_000);
            async move {
                let mut client = Client { wire, steps, keys, outcome: Outcome::default() };
                let began = Instant::now();
                if client.work(end).await.is_err() {
                    client.outcome.broken += 1;
                }
                client.outcome.took = began.elapsed();
                client.outcome
            }
        }
    })?;
    let began = Instant::now();
    settled(server)?;
    outcome.took += began.elapsed();
    Ok(outcome)
}

/// Has the first so many cases asked for and accepted, on a server that has none.
pub fn accepted(server: &Server, connections: usize, cases: u64) -> Result<()> {
    let load = Load {
        requests: Steps::new().requests,
        ..Load::requests(server.address, connections, PATIENCE, super::post::fresh_keys())
    };
    let asked = load.times(cases)?;
    ensure!(asked.is_clean(), "{}", asked.flaws());
    settled(server)?;
    let load = Load {
        requests: vec![Steps::new().accept],
        good: 200,
        ..Load::requests(server.address, connections, PATIENCE, 1)
    };
    let accepted = load.times(cases)?;
    ensure!(accepted.is_clean(), "{}", accepted.flaws());
    settled(server)
}

/// Waits until the ledger says that everything was delivered but what waits for
/// a later day.
pub fn settled(server: &Server) -> Result<()> {
    const LATER: &str = "Repaired -> MarkReceivable";
    let ask = Template::get("/ops/ledger");
    let done = || {
        let (_, text) = once(server.address, &ask, 0)?;
        let ledger: serde_json::Value = serde_json::from_str(&text)?;
        let entries = ledger["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let rests = |it: &serde_json::Value| {
            let later = it["subscription"] == LATER;
            let still = ["leased", "failed", "parked"].iter().all(|stage| it[stage] == 0);
            still && (later || it["waiting"] == 0)
        };
        Ok(ledger["addsUp"] == true && !entries.is_empty() && entries.iter().all(rests))
    };
    until("everything is delivered", PATIENCE, done)?;
    Ok(())
}

impl Steps {
    fn new() -> Self {
        let request = |product: u64| {
            let body = crate::load::REQUEST
                .replace(r#""productId":"1""#, &format!(r#""productId":"{product}""#));
            Template::command("POST", "/repair/requests", &body)
        };
        Self {
            requests: (1..=PRODUCTS).map(request).collect(),
            accept: Template::plain("PUT", "/repair/services/{n}/accept"),
            repair: Template::plain("PUT", "/repair/services/{n}/product-repair"),
        }
    }
}

struct Client {
    wire: Wire,
    steps: Steps,
    keys: u64,
    outcome: Outcome,
}

impl Client {
    async fn work(&mut self, end: Instant) -> std::io::Result<()> {
        let (mut asked, mut accepted) = (VecDeque::new(), VecDeque::new());
        while Instant::now() < end {
            asked.extend(self.ask().await?);
            if asked.len() > BETWEEN {
                accepted.extend(self.accept(asked.pop_front()).await?);
            }
            if accepted.len() > BETWEEN {
                self.repair(accepted.pop_front()).await?;
            }
        }
        while let Some(number) = asked.pop_front() {
            accepted.extend(self.accept(Some(number)).await?);
        }
        while let Some(number) = accepted.pop_front() {
            self.repair(Some(number)).await?;
        }
        Ok(())
    }

    async fn ask(&mut self) -> std::io::Result<Option<u64>> {
        self.keys += 1;
        let which = usize::try_from(self.keys).unwrap_or(0) % self.steps.requests.len();
        let answer = self.wire.ask(self.steps.requests[which].with(self.keys)).await?;
        if answer.status != 201 {
            *self.outcome.wrong.entry(answer.status).or_default() += 1;
            return Ok(None);
        }
        let location = self.wire.header("location:").and_then(|it| it.rsplit('/').next());
        Ok(location.and_then(|it| it.parse().ok()))
    }

    async fn accept(&mut self, number: Option<u64>) -> std::io::Result<Option<u64>> {
        let Some(number) = number else { return Ok(None) };
        let done = self.step(false, number).await?;
        Ok(done.then_some(number))
    }

    async fn repair(&mut self, number: Option<u64>) -> std::io::Result<()> {
        let Some(number) = number else { return Ok(()) };
        let began = Instant::now();
        if self.step(true, number).await? {
            let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
            self.outcome.good.push(micros);
        }
        Ok(())
    }

    /// A step that may come too early: the job is not there yet.
    async fn step(&mut self, repair: bool, number: u64) -> std::io::Result<bool> {
        for _ in 0..ATTEMPTS {
            let step = if repair { &mut self.steps.repair } else { &mut self.steps.accept };
            let answer = self.wire.ask(step.with(number)).await?;
            match answer.status {
                // 202: it goes on by itself, and the ledger is waited for in the end.
                200 | 202 => return Ok(true),
                404 if !repair => tokio::time::sleep(Duration::from_millis(1)).await,
                status => {
                    *self.outcome.wrong.entry(status).or_default() += 1;
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }
}

//! `kill -9` at a random moment under load, again and again: what was acknowledged is there, and
//! what was begun goes on.

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Result;
use clap::Args;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    Report,
    chance::Chance,
    checks::{self, Ledger},
    history::{self, Came, Deed},
    load::{Hand, PRODUCTS, Shift, Worker},
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::{self, Site},
    wish::Wish,
};

const CONTEXTS: [&str; 5] = ["request", "service", "stock", "payment", "progress"];
/// How many work at the same time.
const WORKERS: u64 = 16;
/// When it is killed, in milliseconds after it was ready.
const MOMENT: (u64, u64) = (20, 400);
/// Every so many times it is killed once more before it is ready, at the latest so many
/// milliseconds after its start.
const IN_VAIN: (u64, u64) = (4, 30);
/// How soon it must be ready again.
const READY: Duration = Duration::from_secs(2);

/// How often.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// How often it is killed
    #[arg(long, default_value_t = 50)]
    pub times: u32,
    /// The seed of everything that is left to chance; by the clock when it is left out
    #[arg(long)]
    pub seed: Option<u64>,
    /// Give each context a database of its own
    #[arg(long)]
    pub apart: bool,
}

/// What is known when it is over.
struct Aftermath {
    deeds: Vec<Deed>,
    ready: Vec<Duration>,
    /// How often it was killed while it was starting.
    in_vain: u32,
    /// What of the ledger did not add up after each start, under load.
    looks: Vec<Vec<String>>,
    /// Connections that broke although the server was there.
    cut: u64,
    remains: Remains,
}

impl Default for Plan {
    fn default() -> Self {
        Self { times: 50, seed: None, apart: false }
    }
}

impl Plan {
    /// A tenth of it.
    #[must_use]
    pub fn fast() -> Self {
        Self { times: 5, ..Self::default() }
    }
}

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(server: &Path, plan: &Plan) -> Result<Report> {
    site::conduct("kill", server, async |site| {
        let aftermath = conduct(site, plan).await?;
        Ok(aftermath.report(plan))
    })
    .await
}

async fn conduct(site: &Site, plan: &Plan) -> Result<Aftermath> {
    let seed = plan.seed.unwrap_or_else(by_the_clock);
    println!("kill: seed {seed}");
    if plan.apart {
        fs::write(site.file("madang.toml"), databases())?;
    }
    let mut chance = Chance::of(seed);
    let launch = site.launch(&[]);
    let mut server = launch.start().await?;
    let mut ready = vec![server.ready_after];
    let (whereabouts, receiver) = watch::channel(Some((0, server.address)));
    let (is_over, cut) = (Arc::default(), Arc::default());
    let shift = Shift { began: Instant::now(), server: receiver, is_over, cut };

    let mut deeds = opening(&shift).await?;
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        workers.spawn(Worker::new(number, chance.fork(number), &shift).work());
    }
    let (mut looks, mut in_vain) = (Vec::new(), 0);
    for life in 1..=plan.times {
        let moment = Duration::from_millis(MOMENT.0 + chance.below(MOMENT.1 - MOMENT.0));
        let look = tokio::spawn(Ledger::read(server.address));
        sleep(moment).await;
        server.kill().await?;
        whereabouts.send_replace(None);
        // One that was broken off has nothing to say.
        looks.extend(look.await?.ok().map(|it| it.wrong()));
        if chance.below(IN_VAIN.0) == 0 {
            in_vain += 1;
            launch.start_in_vain(Duration::from_millis(chance.below(IN_VAIN.1))).await?;
        }
        server = launch.start().await?;
        ready.push(server.ready_after);
        whereabouts.send_replace(Some((life, server.address)));
    }
    shift.is_over.store(true, Ordering::Relaxed);
    for worker in workers.join_all().await {
        deeds.extend(worker?);
    }
    history::write(&deeds, &site.file("history.jsonl"))?;
    let cut = shift.cut.load(Ordering::Relaxed);
    Ok(Aftermath { deeds, ready, in_vain, looks, cut, remains: Remains::of(site, server).await? })
}

/// Enough parts of every kind but one.
async fn opening(shift: &Shift) -> Result<Vec<Deed>> {
    let mut hand = Hand::new(shift);
    let mut deeds = Vec::new();
    for (product, price) in PRODUCTS.into_iter().zip(500..) {
        let parts = if product == PRODUCTS[3] { 20 } else { 50_000 };
        let wish = Wish::Receive { product: product.to_owned(), parts, price };
        deeds.push(hand.tell("keeper", format!("opening-{product}"), wish).await?);
    }
    Ok(deeds)
}

/// The settings that give each context a database of its own.
fn databases() -> String {
    let each = CONTEXTS.map(|it| format!("[contexts.{it}]\ndatabase = \"{it}.sqlite\"\n"));
    each.concat()
}

fn by_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) + since.as_secs() % 1_000_000
}

impl Aftermath {
    fn report(&self, plan: &Plan) -> Report {
        let Self { deeds, ready, in_vain, looks, cut, remains } = self;
        let Remains { shown, records, .. } = remains;
        let mut report = Report::of(format!(
            "kill: {} times kill -9 under {WORKERS} workers, {} to {} ms after it was ready",
            plan.times, MOMENT.0, MOMENT.1
        ));
        report.fact("databases", if plan.apart { "one for each context" } else { "one" });
        let acknowledged = deeds.iter().filter(|it| it.ok().is_some()).count();
        let unknown = deeds.iter().filter(|it| it.was_unknown()).count();
        let found = deeds.iter().filter(|it| it.was_found()).count();
        let tries: usize = deeds.iter().map(|it| it.tries.len()).sum();
        let refused = deeds.iter().filter(|it| matches!(it.came(), Some(Came::Refused { .. })));
        report.fact("killed again while starting", count(*in_vain));
        report.fact("commands", format!("{} in {} tries", count(deeds.len()), count(tries)));
        report.fact("acknowledged", count(acknowledged));
        report.fact("refused by the business", count(refused.count()));
        report.fact("unknown at one time", count(unknown));
        report.fact("  of these found done", count(found));
        report.fact("  of these done then", count(unknown - found));
        report.fact("start to ready", middle_and_most(ready));
        remains.facts(&mut report);

        report.finding(checks::open(deeds));
        report.finding(checks::lost(deeds, records));
        report.finding(checks::repeated(deeds, records));
        report.finding(checks::ghosts(deeds, records));
        report.finding(checks::unexpected(deeds));
        report.findings(checks::cases(deeds, shown));
        report.finding(checks::stock(deeds, shown));
        report.finding(checks::payments(records, shown));
        let wrong = looks.iter().filter_map(|it| it.first().cloned()).collect();
        report.finding(Finding::each("the ledger added up whenever looked at", looks.len(), wrong));
        let slow = ready.iter().filter(|it| **it > READY).map(|it| format!("{it:?}")).collect();
        report.finding(Finding::each("ready again within 2 s", ready.len(), slow));
        let is_whole = *cut == 0;
        report.finding(Finding::so("no connection broke without a kill", is_whole, cut));
        report.findings(remains.findings());
        report
    }
}

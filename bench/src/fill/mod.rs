//! A long history, made by the real rules: so many whole cases, from the first
//! word to the paid bill, spread over the year before now.

mod gathering;
mod waiting;
mod works;

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use kernel::Time;
use serde_json::json;
use tokio::task::JoinSet;

pub use gathering::Counts;
use works::{Works, tell};

/// How many cases are under way at the same time.
const WAVE: u64 = 4_096;
/// How many events are written at once.
const AT_ONCE: usize = 40_000;
/// How much time passes between two requests: a year for a million.
const PACE: Duration = Duration::from_secs(30);
/// How many products there are parts for.
pub const PRODUCTS: u64 = 20;
/// How many events a whole case has.
pub const EVENTS_PER_CASE: u64 = 10;
/// How long a wave may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// Makes `from` cases in a database into `to`; where there are `of` in the end, they end now.
pub fn cases(database: &Path, (from, to): (u64, u64), of: u64) -> Result<Duration> {
    let began = Instant::now();
    runtime()?.block_on(async {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let ago = PACE * u32::try_from(of - from)?;
        let now = Time(i64::try_from(now.saturating_sub(ago).as_millis())?);
        let works = Works::open(database, AT_ONCE, now)?;
        receive_parts(&works, to - from).await?;
        let mut done = from;
        while done < to {
            let wave = WAVE.min(to - done);
            one_wave(&works, done, wave).await?;
            done += wave;
        }
        settled(&works).await?;
        works.stop().await
    })?;
    Ok(began.elapsed())
}

/// What so many requests cost in rows, with all that follows from them, when so
/// many are under way at the same time.
pub fn counted(database: &Path, requests: u64, at_once: usize) -> Result<Counts> {
    runtime()?.block_on(async {
        let works = Works::open(database, 0, Time(1_700_000_000_000))?;
        let before = works.store.counts();
        let mut under_way = JoinSet::new();
        for number in 1..=requests {
            if under_way.len() >= at_once
                && let Some(told) = under_way.join_next().await
            {
                told??;
            }
            under_way.spawn(ask(works.runtime.clone(), number));
        }
        while let Some(told) = under_way.join_next().await {
            told??;
        }
        settled(&works).await?;
        let after = works.store.counts();
        works.stop().await?;
        Ok(after.since(before))
    })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

async fn receive_parts(works: &Works, needed: u64) -> Result<()> {
    for product in 1..=PRODUCTS {
        let each = (needed / PRODUCTS + 1).min(100_000);
        let body = json!({
            "relatedProductId": product.to_string(), "stock": each, "unitPrice": 5_000,
        });
        tell(&works.runtime, "이수민", "ReceiveParts", None, &body).await?;
    }
    Ok(())
}

async fn one_wave(works: &Works, done: u64, wave: u64) -> Result<()> {
    let runtime = &works.runtime;
    let mut told = JoinSet::new();
    for number in done + 1..=done + wave {
        works.clock.forward(PACE);
        told.spawn(ask(runtime.clone(), number));
    }
    let all = done + wave;
    finish(told).await?;
    reached(works, "JobOpened", all).await?;
    for (command, event) in [("AcceptJob", "AsAccepted"), ("CompleteRepair", "JobPaid")] {
        let mut told = JoinSet::new();
        for number in done + 1..=done + wave {
            let runtime = runtime.clone();
            let engineer = format!("기사 {}", number % 40);
            told.spawn(async move {
                tell(&runtime, &engineer, command, Some(number), &json!({})).await?;
                Ok(())
            });
        }
        finish(told).await?;
        reached(works, event, all).await?;
    }
    Ok(())
}

async fn ask(runtime: ::runtime::Runtime, number: u64) -> Result<()> {
    let body = json!({
        "symptom": "화면이 안 나와요", "productId": (number % PRODUCTS + 1).to_string(),
        "customerName": format!("고객 {number:012}"), "phoneNumber": "010-0000-0001",
    });
    tell(&runtime, "고객", "RequestService", None, &body).await?;
    Ok(())
}

async fn finish(mut told: JoinSet<Result<()>>) -> Result<()> {
    while let Some(one) = told.join_next().await {
        one??;
    }
    Ok(())
}

async fn reached(works: &Works, event: &str, count: u64) -> Result<()> {
    until(|| works.store.tally(event) >= count)
        .await
        .with_context(|| format!("{} of {count} {event}", works.store.tally(event)))
}

async fn settled(works: &Works) -> Result<()> {
    until(|| works.store.is_settled(works.runtime.system())).await
}

async fn until(so: impl Fn() -> bool) -> Result<()> {
    let began = Instant::now();
    while !so() {
        ensure!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

//! A step that never answers, and a compensation that cannot be done: both are tried again,
//! neither ever counts as done, and an operator sees what there is to be done.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    Report,
    checks::Ledger,
    client::Ask,
    desk::{Desk, PROVIDER},
    dose::Dose,
    remains::Remains,
    report::{Finding, count},
    site::Site,
    tamper,
    wait::until,
    wish::Wish,
};

/// What leads to lines in the log.
const EXPECTED: [&str; 2] = ["cannot be read", "a fault"];
/// How often the cases are looked at while nobody answers.
const LOOK: Duration = Duration::from_millis(50);
/// For how long nothing may be seen to have failed while nobody answers.
const AT_MOST: Duration = Duration::from_secs(15);

/// Runs it: the step that never answers.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn step(site: &Site, dose: &Dose) -> Result<Report> {
    let launch = site.launch(&["--lab"]);
    let mut server = launch.start().await?;
    let mut desk = Desk::at(server.address);
    desk.receive("TV-1", dose.n, 5_000).await?;
    let mut ids = Vec::new();
    for number in 0..dose.n {
        ids.push(desk.accepted(&format!("customer-{number}"), "TV-1").await?);
    }
    let mut looks = Looks::default();
    // One whose answers are lost, and one that is slower than anybody waits.
    for (state, repairs) in
        [("unknown", &ids[..ids.len() / 2]), ("slow 60000ms", &ids[ids.len() / 2..])]
    {
        desk.feel(PROVIDER, state).await?;
        for id in repairs {
            let ask = Ask { wait: Some(0), ..Wish::Complete(*id).ask().by("kim") };
            let answer = desk.send(&ask).await?;
            ensure!(answer.status == 202, "{answer}");
        }
        looks.go_on(&mut desk, &ids, dose.time()).await?;
    }
    let before = desk.deliveries("failed").await?;
    // What waits to be tried again is on the disk.
    server.kill().await?;
    server = launch.start().await?;
    desk = Desk::at(server.address);
    let mut late = Vec::new();
    for id in &ids {
        let path = format!("/services/{id}");
        if let Err(error) = desk.shows(&path, "status", "PAID").await {
            late.push(format!("{error:#}"));
        }
    }
    let remains = Remains::of(site, server).await?;
    let charged = remains.records.charges.iter().filter(|it| it.captured).count();

    let mut report = Report::of(format!("the money of {} repairs, and nobody answers", ids.len()));
    report.fact("looked at", count(looks.count));
    report.fact("failed before the restart", count(before.len()));
    report.criterion(Finding::each("never PAID while nobody knows", looks.count, looks.paid));
    let seen = format!("{} failed deliveries are shown", count(looks.most_failed));
    report.criterion(Finding::so("an operator sees it", looks.most_failed > 0, &seen).with(&seen));
    report.criterion(Finding::each("paid after kill -9, when answers come", ids.len(), late));
    let seen = format!("{charged} charges of {}", ids.len());
    report.criterion(Finding::so("each is charged once", charged == ids.len(), &seen).with(&seen));
    report.findings(remains.findings());
    Ok(report)
}

/// What was seen while nobody answered.
#[derive(Debug, Default)]
struct Looks {
    count: usize,
    paid: Vec<String>,
    most_failed: u64,
}

impl Looks {
    async fn go_on(&mut self, desk: &mut Desk, ids: &[u64], time: Duration) -> Result<()> {
        // The last answer is given up some seconds after it was asked for.
        let (end, last) = (Instant::now() + time, Instant::now() + time.max(AT_MOST));
        while Instant::now() < end || (self.most_failed == 0 && Instant::now() < last) {
            for id in ids {
                self.count += 1;
                let row = desk.get(&format!("/services/{id}")).await?;
                if row["status"] == "PAID" {
                    self.paid.push(row.to_string());
                }
            }
            self.most_failed = self.most_failed.max(desk.sum("failed").await?);
            sleep(LOOK).await;
        }
        Ok(())
    }
}

/// Runs it: the compensation that cannot be done.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn compensation(site: &Site, _: &Dose) -> Result<Report> {
    let launch = site.launch(&["--lab"]);
    let mut server = launch.start().await?;
    let mut desk = Desk::at(server.address);
    desk.receive("TV-1", 1, 5_000).await?;
    desk.receive("FRIDGE-2", 1, 5_000).await?;
    let stuck = desk.accepted("stuck", "TV-1").await?;
    let other = desk.accepted("other", "FRIDGE-2").await?;
    let part = desk.get("/stocks/product/TV-1").await?["id"].as_u64().context("an id")?;
    server.end().await?;
    // The shelf cannot be read, nor made anew of its history, so that no part can be put back on
    // it. It was the first thing that ever happened in that context, so it began at position 1.
    let (stock, thing) = (site.database("stock"), ("stock", "part", part));
    let state = tamper::state(&stock, thing, b"{\"available\":\"?\"}")?;
    let body = tamper::body(&stock, "stock", 1, b"{\"stock\":")?;

    server = launch.start().await?;
    desk = Desk::at(server.address);
    for (id, by) in [(stuck, "stuck"), (other, "other")] {
        let canceled = desk.send(&Wish::Cancel(id).ask().by(by)).await?;
        ensure!([200, 202].contains(&canceled.status), "{canceled}");
    }
    let parked = desk.comes_to("parked", 1).await?;
    let held = desk.get(&format!("/stocks/{part}")).await?;
    let free = until_free(&mut desk, "FRIDGE-2").await?;
    let ledger = Ledger::read(server.address).await?;
    server.end().await?;

    tamper::state(&stock, thing, &state)?;
    tamper::body(&stock, "stock", 1, &body)?;
    server = launch.start().await?;
    desk = Desk::at(server.address);
    let still = desk.deliveries("parked").await?.len();
    ensure!(desk.replay(&parked[0]).await? == 200, "a replay");
    desk.comes_to("parked", 0).await?;
    let after = until_free(&mut desk, "TV-1").await?;
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);

    let mut report = Report::of("a part cannot be put back, because its shelf cannot be read");
    let delivery = &parked[0];
    let tried = delivery["attempts"] == 5 && delivery["subscription"].as_str().is_some();
    let seen = format!("{} attempts, {}", delivery["attempts"], delivery["reason"]["en"]);
    report.criterion(Finding::so("tried 5 times, then it waits for an operator", tried, &seen));
    let sum = (ledger.sum("parked"), ledger.wrong().len());
    report.criterion(
        Finding::so("the ledger shows it, and adds up", sum == (1, 0), format!("{sum:?}"))
            .with("1 parked"),
    );
    let is_held = figures(&held) == (Some(1), Some(0));
    report.criterion(Finding::so("the part counts as held meanwhile", is_held, &held));
    let is_free = figures(&free) == (Some(0), Some(1));
    report.criterion(Finding::so("another cancel is not held up", is_free, &free));
    report.criterion(Finding::so("after a restart it still waits", still == 1, still));
    let is_free = figures(&after) == (Some(0), Some(1));
    report.criterion(Finding::so("mended and tried again, the part is free", is_free, &after));
    let released = remains.records.all().filter(|(_, it)| it.event == "PartsReleased").count();
    report.criterion(Finding::so("released once each", released == 2, released));
    report.findings(remains.findings());
    Ok(report)
}

async fn until_free(desk: &mut Desk, product: &str) -> Result<Value> {
    until(&format!("{product} is free"), async || {
        let part = desk.get(&format!("/stocks/product/{product}")).await?;
        Ok((part["available"] == 1).then_some(part))
    })
    .await
}

/// Reserved and available.
fn figures(part: &Value) -> (Option<u64>, Option<u64>) {
    (part["reserved"].as_u64(), part["available"].as_u64())
}

//! The disk is full, again and again: nothing can be written, everything can be read, and it goes
//! on by itself as soon as there is room.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use crate::{
    Report,
    client::Answer,
    crowd::Crowd,
    desk::Desk,
    disk::Disk,
    dose::Dose,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    wait::until,
    wish::Wish,
};

/// How many work at the same time.
const WORKERS: u64 = 4;
/// How many MiB the disk has: enough for the log to grow as it likes.
const MEBIBYTES: u32 = 64;
/// How soon it must go on.
const RESUMED: Duration = Duration::from_secs(5);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// What is written down of it.
const EXPECTED: [&str; 2] = ["a commit failed", "a store failed"];

/// What was seen while it was full.
#[derive(Debug, Default)]
struct Seen {
    writes: usize,
    wrong_writes: Vec<String>,
    reads: usize,
    wrong_reads: Vec<String>,
    ready: Vec<String>,
    dead: Vec<String>,
    resumed: Vec<Duration>,
    ready_again: Vec<Duration>,
}

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let small = Disk::mount(&site.data(), MEBIBYTES)?;
    let mut chance = dose.chance();
    let mut server = site.launch(&[]).start().await?;
    let id = server.id()?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let mut desk = Desk::at(server.address);
    let first = desk.requested("first", "TV-1").await?;
    let mut seen = Seen::default();
    for round in 0..dose.n {
        small.fill()?;
        until("there is no room", async || {
            let wish = request(format!("before-{round}"));
            Ok((desk.send(&wish.ask()).await?.status == 503).then_some(()))
        })
        .await?;
        let end = Instant::now() + dose.time();
        while Instant::now() < end {
            seen.look(&mut desk, first, &format!("during-{round}-{}", seen.writes)).await?;
            sleep(LOOK).await;
        }
        small.free()?;
        let freed = Instant::now();
        until(
            "it is ready again",
            async || Ok((desk.status("/readyz").await == 200).then_some(())),
        )
        .await?;
        seen.ready_again.push(freed.elapsed());
        until("it goes on", async || {
            let wish = request(format!("after-{round}"));
            Ok((desk.send(&wish.ask()).await?.status == 201).then_some(()))
        })
        .await?;
        seen.resumed.push(freed.elapsed());
    }
    let is_alive = server.is_alive()? && server.id()? == id;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);
    drop(small);

    let mut report =
        Report::of(format!("{} times no room on the disk for {} s", dose.n, dose.seconds));
    worked.facts(&mut report);
    report.fact("room to the first yes", middle_and_most(&seen.resumed));
    remains.facts(&mut report);
    seen.criteria(&mut report);
    report.criterion(Finding::so("the same process all the while", is_alive, "it is not"));
    report.criteria(worked.criteria(&remains));
    // These have no history: they were asked by nobody in the crowd.
    report.findings(worked.findings_beside(&remains, &["first", "before-", "during-", "after-"]));
    report.finding(worked.whole());
    report.findings(remains.findings());
    Ok(report)
}

fn request(customer: String) -> Wish {
    Wish::Request { customer, product: "TV-1".to_owned() }
}

impl Seen {
    async fn look(&mut self, desk: &mut Desk, first: u64, customer: &str) -> Result<()> {
        self.writes += 1;
        let Answer { status, again, body, .. } =
            desk.send(&request(customer.to_owned()).ask()).await?;
        if status != 503 || again.is_none() {
            self.wrong_writes.push(format!("{status}, Retry-After {again:?}: {body}"));
        }
        for path in [format!("/requests/{first}"), "/services".to_owned(), "/ops/ledger".to_owned()]
        {
            self.reads += 1;
            let status = desk.status(&path).await;
            if status != 200 {
                self.wrong_reads.push(format!("{path}: {status}"));
            }
        }
        let (ready, alive) = (desk.status("/readyz").await, desk.status("/livez").await);
        if ready != 503 {
            self.ready.push(format!("/readyz {ready}"));
        }
        if alive != 200 {
            self.dead.push(format!("/livez {alive}"));
        }
        Ok(())
    }

    fn criteria(self, report: &mut Report) {
        let looks = self.writes;
        report.criterion(Finding::each("writes 503 with Retry-After", looks, self.wrong_writes));
        report.criterion(Finding::each("reads 200", self.reads, self.wrong_reads));
        report.criterion(Finding::each("not ready", looks, self.ready));
        report.criterion(Finding::each("alive", looks, self.dead));
        let most = |times: &[Duration]| times.iter().max().copied().unwrap_or_default();
        report.criterion(Finding::within("ready again", RESUMED, most(&self.ready_again)));
        let rounds = count(self.resumed.len());
        let resumed = most(&self.resumed);
        report.criterion(Finding::within(format!("goes on ({rounds} times)"), RESUMED, resumed));
    }
}

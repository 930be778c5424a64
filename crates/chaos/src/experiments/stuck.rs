//! The database does not let anybody write, or the process itself stands still: whoever watches
//! over it by its liveness must let the first live, and end the second.

use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;
use tokio::{
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use crate::{
    Report,
    client::{Ask, Client},
    crowd::Crowd,
    desk::Desk,
    dose::Dose,
    remains::Remains,
    report::{Finding, middle_and_most},
    site::Site,
    wait::until,
    wish::Wish,
};

/// How many work at the same time.
const WORKERS: u64 = 4;
/// How often liveness is asked for, and how long its answer may take.
const PROBE: Duration = Duration::from_secs(1);
/// How soon it must go on.
const RESUMED: Duration = Duration::from_secs(5);
/// How soon it must be ready again when it was ended.
const READY: Duration = Duration::from_secs(2);
/// What is written down of it.
const EXPECTED: [&str; 3] = ["a commit failed", "a store failed", "a batch failed"];

/// Runs it: the database.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn database(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let mut server = site.launch(&[]).start().await?;
    let id = server.id()?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let mut desk = Desk::at(server.address);
    let first = desk.requested("first", "TV-1").await?;
    let path = site.database("request");
    let held = spawn_blocking(move || hold(&path)).await??;
    let began = Instant::now();
    let server_address = server.address;
    let writes = tokio::spawn(async move {
        let (mut desk, mut answers) = (Desk::at(server_address), Vec::new());
        while began.elapsed() < Duration::from_secs(3) || answers.is_empty() {
            let wish = Wish::Request { customer: "during".to_owned(), product: "TV-1".to_owned() };
            let asked = Instant::now();
            let answer = desk.send(&wish.ask()).await;
            answers.push((answer.map_or(0, |it| it.status), asked.elapsed()));
        }
        answers
    });
    let (mut probe, mut reads, mut wrong_reads) = (Probe::default(), 0, Vec::new());
    let mut ticks = interval(PROBE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while began.elapsed() < dose.time() {
        ticks.tick().await;
        probe.look(server.address, dose.n).await;
        reads += 1;
        let status = desk.status(&format!("/requests/{first}")).await;
        if status != 200 {
            wrong_reads.push(status.to_string());
        }
    }
    let answers = writes.await?;
    spawn_blocking(move || held.execute_batch("ROLLBACK")).await??;
    let freed = Instant::now();
    until("it goes on", async || {
        let wish = Wish::Request { customer: "after".to_owned(), product: "TV-1".to_owned() };
        Ok((desk.send(&wish.ask()).await?.status == 201).then_some(()))
    })
    .await?;
    let resumed = freed.elapsed();
    let is_alive = server.is_alive()? && server.id()? == id;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);

    let mut report = Report::of(format!("for {} s somebody else holds the database", dose.seconds));
    worked.facts(&mut report);
    let took: Vec<_> = answers.iter().map(|(_, took)| *took).collect();
    report.fact("an answer to a write", middle_and_most(&took));
    remains.facts(&mut report);
    probe.criteria(&mut report, 0);
    report.criterion(Finding::each("reads 200", reads, wrong_reads));
    let wrong = answers.iter().filter(|(status, _)| *status != 503);
    let wrong = wrong.map(|(status, took)| format!("{status} after {took:?}")).collect();
    report.criterion(Finding::each("writes 503", answers.len(), wrong));
    report.criterion(Finding::within("goes on", RESUMED, resumed));
    report.criterion(Finding::so("the same process all the while", is_alive, "it is not"));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings_beside(&remains, &["first", "during", "after"]));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: the process.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn process(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let launch = site.launch(&[]);
    let mut server = launch.start().await?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let patience = dose.n;

    // It stands still for less than it may.
    let mut short = Probe::default();
    server.signal("STOP").await?;
    short.watch(server.address, patience, PROBE * u32::try_from(patience / 2)?).await;
    server.signal("CONT").await?;
    let mut desk = Desk::at(server.address);
    let awake = desk.status("/livez").await;

    let mut long = Probe::default();
    server.signal("STOP").await?;
    long.watch(server.address, patience, PROBE * u32::try_from(patience * 2)?).await;
    crowd.is_away();
    server.kill().await?;
    server = launch.start().await?;
    let ready = server.ready_after;
    crowd.is_back(1, server.address);
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!(
        "the process stands still, and is ended after {patience} answers that did not come"
    ));
    worked.facts(&mut report);
    remains.facts(&mut report);
    short.criteria(&mut report, 0);
    report.criterion(Finding::so("it is there again afterwards", awake == 200, awake));
    long.criteria(&mut report, 1);
    report.criterion(Finding::within("ready again", READY, ready));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings(&remains));
    report.findings(remains.findings());
    Ok(report)
}

/// Takes the turn to write, and keeps it.
fn hold(path: &std::path::Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(RESUMED)?;
    connection.execute_batch("BEGIN IMMEDIATE").context("its turn")?;
    Ok(connection)
}

/// Whoever asks for liveness, and ends what does not answer so many times in a row.
#[derive(Debug, Default)]
struct Probe {
    asked: u64,
    silent: u64,
    in_a_row: u64,
    kills: u64,
}

impl Probe {
    async fn look(&mut self, server: std::net::SocketAddr, patience: u64) {
        self.asked += 1;
        let mut client = Client::new(false);
        let answer = timeout(PROBE, client.send(server, &Ask::get("/livez"))).await;
        if matches!(answer, Ok(Ok(answer)) if answer.status == 200) {
            self.in_a_row = 0;
            return;
        }
        self.silent += 1;
        self.in_a_row += 1;
        if self.in_a_row == patience {
            self.kills += 1;
        }
    }

    /// Until it would be ended, at the longest for so long.
    async fn watch(&mut self, server: std::net::SocketAddr, patience: u64, most: Duration) {
        let end = Instant::now() + most;
        let mut ticks = interval(PROBE);
        while self.kills == 0 && Instant::now() < end {
            ticks.tick().await;
            self.look(server, patience).await;
        }
    }

    fn criteria(&self, report: &mut Report, kills: u64) {
        let Self { asked, silent, .. } = self;
        let seen = format!("{} ends, {silent} of {asked} not answered", self.kills);
        let what = if kills == 0 { "it would be let live" } else { "it would be ended" };
        report.criterion(Finding::so(what, self.kills == kills, &seen).with(&seen));
    }
}

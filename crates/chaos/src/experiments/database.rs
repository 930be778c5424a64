//! The server of databases is away, or does not answer.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    task::{JoinSet, block_in_place},
    time::{Instant, sleep},
};

use crate::{
    Report,
    crowd::Crowd,
    desk::Desk,
    dose::Dose,
    proxy::Weather,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    wait::until,
    wish::Wish,
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// How soon it must go on once the database does.
const RESUMED: Duration = Duration::from_secs(5);
/// How soon a request must end that the database does not answer, with a little for the way.
const DEADLINE: Duration = Duration::from_millis(2_500);
/// How many connections the server keeps: five for each context.
const POOL: usize = 25;
/// How much more memory it may take meanwhile, in KiB.
const MEMORY: u64 = 64 << 10;
/// How many ask at once while nobody answers.
const AT_ONCE: u64 = 100;
/// What is written down of it.
const EXPECTED: [&str; 5] =
    ["a commit failed", "a store failed", "a batch failed", "cannot be read", "a turn"];

/// Runs it: the database crashes and comes back.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn down(site: &Site, dose: &Dose) -> Result<Report> {
    let postgres = site.postgres()?;
    let mut chance = dose.chance();
    let mut server = site.launch(&[]).start().await?;
    let id = server.id()?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let mut desk = Desk::at(server.address);
    let (mut resumed, mut most, mut dead) = (Vec::new(), 0, Vec::new());
    for round in 0..dose.n {
        sleep(Duration::from_millis(200 + chance.below(600))).await;
        block_in_place(|| postgres.server.crash());
        postgres.way.count_anew();
        let end = Instant::now() + dose.time();
        while Instant::now() < end {
            let alive = desk.status("/livez").await;
            if alive != 200 {
                dead.push(format!("round {round}: /livez {alive}"));
            }
            sleep(Duration::from_millis(100)).await;
        }
        block_in_place(|| postgres.server.start_again());
        resumed.push(goes_on(&mut desk, round).await?);
        most = most.max(postgres.way.most_in_a_second());
    }
    let is_alive = server.is_alive()? && server.id()? == id;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);

    let mut report =
        Report::of(format!("{} times the database is crashed for {} s", dose.n, dose.seconds));
    worked.facts(&mut report);
    report.fact("database back to the first yes", middle_and_most(&resumed));
    remains.facts(&mut report);
    report.criteria(worked.criteria(&remains));
    let longest = resumed.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("goes on", RESUMED, longest));
    let seen = format!("{most} of at most {} in a second", 2 * POOL);
    report.criterion(Finding::so("no rush of connections", most <= 2 * POOL, &seen).with(&seen));
    report.criterion(Finding::none("not alive meanwhile", dead));
    report.criterion(Finding::so("the same process all the while", is_alive, "it is not"));
    report.findings(worked.findings_beside(&remains, &["after-"]));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: the database holds its breath, or nothing comes through to it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn hang(site: &Site, dose: &Dose) -> Result<Report> {
    let postgres = site.postgres()?;
    let mut chance = dose.chance();
    let mut server = site.launch(&[]).start().await?;
    let id = server.id()?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let mut desk = Desk::at(server.address);
    let before = memory(id)?;
    let (mut resumed, mut answers, mut dead, mut most) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for round in 0..dose.n {
        sleep(Duration::from_millis(500)).await;
        let is_paused = round % 2 == 1;
        if is_paused {
            block_in_place(|| postgres.server.pause());
        } else {
            postgres.way.becomes(Weather::Hole);
        }
        let began = Instant::now();
        answers.extend(asked(server.address, round).await);
        while began.elapsed() < dose.time() {
            let alive = desk.status("/livez").await;
            if alive != 200 {
                dead.push(format!("round {round}: /livez {alive}"));
            }
            sleep(Duration::from_millis(200)).await;
        }
        most = most.max(memory(id)?);
        if is_paused {
            block_in_place(|| postgres.server.resume());
        } else {
            postgres.way.becomes(Weather::Fair);
        }
        resumed.push(goes_on(&mut desk, round).await?);
    }
    let is_alive = server.is_alive()? && server.id()? == id;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);

    let mut report = Report::of(format!(
        "{} times the database does not answer for {} s: a hole in the way, a stopped server",
        dose.n, dose.seconds
    ));
    worked.facts(&mut report);
    let took: Vec<_> = answers.iter().map(|(_, took)| *took).collect();
    report.fact("an answer meanwhile", middle_and_most(&took));
    report.fact("database back to the first yes", middle_and_most(&resumed));
    remains.facts(&mut report);
    let wrong = answers.iter().filter(|(status, took)| *status != 503 || *took > DEADLINE);
    let wrong = wrong.map(|(status, took)| format!("{status} after {took:?}")).collect();
    report.criterion(Finding::each("503 within 2.5 s", answers.len(), wrong));
    let more = most.saturating_sub(before);
    let seen = format!("{} KiB more of at most {}", count(more), count(MEMORY));
    report.criterion(Finding::so("memory is flat", more <= MEMORY, &seen).with(&seen));
    let longest = resumed.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("goes on", RESUMED, longest));
    report.criterion(Finding::none("not alive meanwhile", dead));
    report.criterion(Finding::so("the same process all the while", is_alive, "it is not"));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings_beside(&remains, &["after-", "during-"]));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: the way to the database is long, torn, or leads in one direction only.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn way(site: &Site, dose: &Dose) -> Result<Report> {
    let weathers = [Weather::Late(Duration::from_millis(50)), Weather::Torn, Weather::OneWay];
    let postgres = site.postgres()?;
    let mut chance = dose.chance();
    let mut server = site.launch(&[]).start().await?;
    let id = server.id()?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let mut desk = Desk::at(server.address);
    let mut resumed = Vec::new();
    for round in 0..dose.n {
        sleep(Duration::from_millis(200 + chance.below(400))).await;
        postgres.way.becomes(weathers[usize::try_from(round % 3)?]);
        sleep(dose.time()).await;
        postgres.way.becomes(Weather::Fair);
        resumed.push(goes_on(&mut desk, round).await?);
    }
    let is_alive = server.is_alive()? && server.id()? == id;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);

    let mut report = Report::of(format!(
        "{} times the way is 50 ms long, torn, or one-way, for {} s",
        dose.n, dose.seconds
    ));
    worked.facts(&mut report);
    report.fact("way back to the first yes", middle_and_most(&resumed));
    remains.facts(&mut report);
    let longest = resumed.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("goes on", RESUMED, longest));
    report.criterion(Finding::so("the same process all the while", is_alive, "it is not"));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings_beside(&remains, &["after-"]));
    report.findings(remains.findings());
    Ok(report)
}

/// Many write at once, each of them once: how each was answered, and after how long.
async fn asked(server: std::net::SocketAddr, round: u64) -> Vec<(u16, Duration)> {
    let mut asked = JoinSet::new();
    for number in 0..AT_ONCE {
        asked.spawn(async move {
            let customer = format!("during-{round}-{number}");
            let wish = Wish::Request { customer, product: "TV-1".to_owned() };
            let began = Instant::now();
            let answer = Desk::at(server).send(&wish.ask()).await;
            (answer.map_or(0, |it| it.status), began.elapsed())
        });
    }
    asked.join_all().await
}

/// Waits until something is taken again; how long that took.
async fn goes_on(desk: &mut Desk, round: u64) -> Result<Duration> {
    let began = Instant::now();
    until("it goes on", async || {
        let wish = Wish::Request { customer: format!("after-{round}"), product: "TV-1".to_owned() };
        Ok((desk.send(&wish.ask()).await?.status == 201).then_some(()))
    })
    .await?;
    Ok(began.elapsed())
}

/// What a process has in memory, in KiB.
fn memory(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let size = line.and_then(|it| it.split_whitespace().next());
    Ok(size.context("its memory")?.parse()?)
}

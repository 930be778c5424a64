//! Thousands who hold connections without a conversation: they are shown out, and nobody else
//! notices.

use std::{fs, net::SocketAddr, time::Duration};

use anyhow::Result;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    Report,
    client::{Ask, Client},
    desk::Desk,
    dose::Dose,
    remains::Remains,
    report::{Finding, count},
    site::Site,
    strangers::{Slow, connect},
    wait::until,
};

/// For how long a normal client is watched before.
const BEFORE: Duration = Duration::from_secs(2);
/// Between two normal requests.
const PACE: Duration = Duration::from_millis(5);
/// Below it nobody notices a difference.
const UNNOTICED: Duration = Duration::from_millis(10);

/// Runs it: slowly spoken ones.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn slow(site: &Site, dose: &Dose) -> Result<Report> {
    let server = site.launch(&[]).start().await?;
    let process = server.id()?;
    Desk::at(server.address).requested("first", "TV-1").await?;
    let before = Normal::watched(server.address, BEFORE).await?;
    let at_rest = descriptors(process)?;

    let mut held = JoinSet::new();
    for number in 0..dose.n {
        let kind = Slow::ALL[usize::try_from(number % 4)?];
        let socket = connect(number, server.address).await?;
        held.spawn(async move { (kind, kind.hold(socket).await) });
    }
    let most = descriptors(process)?;
    let during = Normal::watched(server.address, dose.time()).await?;
    let (mut longest, mut stayed) = ([Duration::ZERO; 4], Vec::new());
    while let Some(ended) = held.join_next().await {
        let (kind, ended) = ended?;
        match ended {
            Ok(Some(after)) => {
                let own = &mut longest[Slow::ALL.iter().position(|it| *it == kind).unwrap_or(0)];
                *own = after.max(*own);
                if after > kind.bound() {
                    stayed.push(format!("{kind:?} was closed after {after:?}"));
                }
            }
            Ok(None) => stayed.push(format!("{kind:?} was not closed within {:?}", kind.bound())),
            Err(error) => stayed.push(format!("{kind:?}: {error:#}")),
        }
    }
    let rest = until("descriptors are given back", async || {
        let now = descriptors(process)?;
        Ok((now <= at_rest + 8).then_some(now))
    });
    let rest = rest.await;
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!("{} connections without a conversation", count(dose.n)));
    for (kind, longest) in Slow::ALL.iter().zip(longest) {
        report.fact("closed at the latest", format!("{kind:?} {:.1} s", longest.as_secs_f64()));
    }
    report.fact("descriptors", format!("{at_rest} before, {most} at the most"));
    let all = dose.size();
    report.criterion(Finding::each("closed within 10 s (head), 30 s (body)", all, stayed));
    let bound = (before.p99 * 2).max(UNNOTICED);
    report.criterion(Finding::within("p99 of a normal request, twice before", bound, during.p99));
    report.criterion(Finding::each("normal requests answered 200", during.count, during.wrong));
    let limit = usize::try_from(dose.n)? + at_rest + 64;
    let seen = format!("{} of at most {}", count(most), count(limit));
    report
        .criterion(Finding::so("descriptors within their limit", most <= limit, &seen).with(&seen));
    report.criterion(Finding::so("and all given back", rest.is_ok(), "they are not"));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: a flood.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn flood(site: &Site, dose: &Dose) -> Result<Report> {
    let mut report = Report::of(format!("{} connections, as fast as they come", count(dose.n)));
    // As it is, and where the process may open hardly anything.
    for (what, open_files) in [("a full house", None), ("no descriptors", Some(SCARCE))] {
        let mut launch = site.launch(&[]);
        launch.open_files = open_files;
        let server = launch.start().await?;
        let process = server.id()?;
        let address = server.address;
        let first = Desk::at(address).requested("first", "TV-1").await?;
        let watched = tokio::spawn(Normal::watched(address, dose.time()));
        let began = Instant::now();
        let (mut held, mut most, mut refused) = (std::collections::VecDeque::new(), 0, 0_u64);
        for number in 0..dose.n {
            match connect(number, address).await {
                Ok(socket) => held.push_back(socket),
                Err(_) => refused += 1,
            }
            if held.len() > HELD {
                held.pop_front();
            }
            if number % 500 == 0 {
                most = most.max(descriptors(process)?);
            }
        }
        let took = began.elapsed();
        most = most.max(descriptors(process)?);
        let during = watched.await??;
        let still = Desk::at(address).status(&format!("/requests/{first}")).await;
        drop(held);
        let after = Normal::watched(address, Duration::from_millis(500)).await?;
        let remains = Remains::of(site, server).await?;
        let limit = open_files.map_or(CAP, |it| usize::try_from(it).unwrap_or(CAP));
        report.fact(what, format!("{:.1} s, {refused} not let in at once", took.as_secs_f64()));
        let said = fs::read_to_string(site.launch(&[]).log())?;
        let without = said.lines().filter(|it| it.contains("cannot accept all")).count();
        report.fact("  without a descriptor", format!("said {without} times, once a second"));
        report.fact("  a normal request", format!("p99 {} ms", during.p99.as_millis()));
        let seen = format!("{} of at most {}", count(most), count(limit));
        let capped = most <= limit;
        report.criterion(Finding::so(format!("{what}: capped"), capped, &seen).with(&seen));
        // Where there are a dozen seats, one who has not spoken yet may lose theirs to the flood.
        let spared = if open_files.is_some() { (during.count / 10).max(1) } else { 0 };
        let (asked, wrong) = (during.count, during.wrong.len());
        let seen = format!("{} of {}", count(asked - wrong), count(asked));
        let others = format!("{what}: others are answered");
        report.criterion(Finding::so(others, wrong <= spared, &seen).with(&seen));
        report.criterion(Finding::each(format!("{what}: all after it"), after.count, after.wrong));
        let alive = still == 200;
        report.criterion(Finding::so(format!("{what}: and at the end too"), alive, still));
        report.findings(remains.findings());
    }
    Ok(report)
}

/// How many connections we hold ourselves.
const HELD: usize = 12_000;
/// What the server may have open: its connections, and what is kept for the rest.
const CAP: usize = 8_192 + 256;
/// So few that there is not one for each connection it would take.
const SCARCE: u32 = 34;

/// What a normal client saw.
#[derive(Debug, Default)]
struct Normal {
    count: usize,
    p99: Duration,
    wrong: Vec<String>,
}

impl Normal {
    /// On a new connection each time, for so long.
    async fn watched(server: SocketAddr, time: Duration) -> Result<Self> {
        let (mut normal, mut took) = (Self::default(), Vec::new());
        let end = Instant::now() + time;
        while Instant::now() < end {
            let began = Instant::now();
            let answer = Client::new(false).send(server, &Ask::get("/requests/1")).await;
            took.push(began.elapsed());
            match answer {
                Ok(answer) if answer.status == 200 => {}
                Ok(answer) => normal.wrong.push(answer.to_string()),
                Err(broken) => normal.wrong.push(broken.to_string()),
            }
            sleep(PACE).await;
        }
        took.sort_unstable();
        normal.count = took.len();
        normal.p99 = took.get(took.len() * 99 / 100).copied().unwrap_or_default();
        Ok(normal)
    }
}

/// How many files a process has open.
fn descriptors(process: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{process}/fd"))?.count())
}

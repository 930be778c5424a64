//! Two processes on one database, behind a balancer that asks them whether they are ready.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use tokio::time::{Instant, sleep};

use super::drain::Rush;
use crate::{
    Report,
    crowd::Crowd,
    desk::Desk,
    dose::Dose,
    process::{Launch, Server, quiet_port},
    proxy::Way,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// How soon the other one must have taken over.
const TAKEN_OVER: Duration = Duration::from_secs(10);
/// How many requests are answered between two restarts.
const REQUESTS: u64 = 5_000;
/// What is written down when one is held up and then fenced off.
const EXPECTED: [&str; 5] =
    ["a commit failed", "a store failed", "a batch failed", "cannot be read", "fenced"];

/// Two processes on one database.
struct Pair {
    launches: [Launch; 2],
    servers: [Option<Server>; 2],
    /// Which of them is ready.
    _way: Way,
    /// Where both are one to whoever comes.
    address: SocketAddr,
    gateway: Option<Server>,
}

impl Pair {
    /// Behind our own balancer.
    async fn start(site: &Site) -> Result<Self> {
        let mut launches = [site.launch(&[]), site.launch(&[])];
        let mut servers = [None, None];
        for (launch, server) in launches.iter_mut().zip(&mut servers) {
            launch.port = quiet_port()?;
            *server = Some(launch.start().await?);
        }
        let addresses = servers.iter().flatten().map(|it| it.address).collect();
        let way = Way::to_ready_ones(addresses).await?;
        let address = way.address;
        Ok(Self { launches, servers, _way: way, address, gateway: None })
    }

    /// Behind the program's own gateway.
    async fn behind_gateway(site: &Site) -> Result<Self> {
        let mut pair = Self::start(site).await?;
        let mut launch = site.launch(&[]);
        launch.in_front_of = pair.servers.iter().flatten().map(|it| it.address).collect();
        let gateway = launch.start().await?;
        pair.address = gateway.address;
        pair.gateway = Some(gateway);
        Ok(pair)
    }

    fn take(&mut self, which: usize) -> Result<Server> {
        self.servers[which].take().context("a process")
    }

    async fn again(&mut self, which: usize) -> Result<Duration> {
        let server = self.launches[which].start().await?;
        let ready = server.ready_after;
        self.servers[which] = Some(server);
        Ok(ready)
    }

    /// Ends one of them, and looks at what the other leaves.
    async fn end(mut self, site: &Site) -> Result<Remains> {
        if let Some(gateway) = self.gateway.take() {
            gateway.end().await?;
        }
        self.take(1)?.end().await?;
        let last = self.take(0)?;
        Remains::of(site, last).await
    }
}

/// Runs it: one of the two is killed, again and again, in turns.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn kill(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let mut pair = Pair::start(site).await?;
    let crowd = Crowd::begin(pair.address, WORKERS, &mut chance).await?;
    let (mut taken_over, mut life) = (Vec::new(), 0);
    for round in 0..dose.n {
        let which = usize::try_from(round % 2)?;
        sleep(Duration::from_millis(300 + chance.below(700))).await;
        pair.take(which)?.kill().await?;
        life += 1;
        crowd.is_back(life, pair.address);
        taken_over.push(told(pair.address, &format!("after-{round}")).await?);
        pair.again(which).await?;
    }
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = pair.end(site).await?.expecting(&EXPECTED);

    let mut report = Report::of(format!("{} times one of two processes is killed", dose.n));
    worked.facts(&mut report);
    report.fact("kill to a new case that goes on", middle_and_most(&taken_over));
    remains.facts(&mut report);
    let longest = taken_over.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("the other takes over", TAKEN_OVER, longest));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings_beside(&remains, &["after-"]));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: one of the two stands still for longer than its leases last, and goes on.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn stale(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let mut pair = Pair::start(site).await?;
    let crowd = Crowd::begin(pair.address, WORKERS, &mut chance).await?;
    let (mut taken_over, mut life) = (Vec::new(), 0);
    for round in 0..dose.n {
        let which = usize::try_from(round % 2)?;
        sleep(Duration::from_millis(500)).await;
        let frozen = pair.servers[which].as_ref().context("a process")?;
        frozen.signal("STOP").await?;
        let since = Instant::now();
        life += 1;
        crowd.is_back(life, pair.address);
        taken_over.push(told(pair.address, &format!("after-{round}")).await?);
        sleep(dose.time().saturating_sub(since.elapsed())).await;
        frozen.signal("CONT").await?;
        sleep(Duration::from_secs(1)).await;
    }
    let mut alive = Vec::new();
    for server in pair.servers.iter_mut().flatten() {
        if !server.is_alive()? {
            alive.push(format!("{} has ended", server.address));
        }
    }
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = pair.end(site).await?.expecting(&EXPECTED);

    let mut report = Report::of(format!(
        "{} times one of two processes stands still for {} s, and goes on",
        dose.n, dose.seconds
    ));
    worked.facts(&mut report);
    report.fact("still to a new case that goes on", middle_and_most(&taken_over));
    remains.facts(&mut report);
    let longest = taken_over.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("the other takes over", TAKEN_OVER, longest));
    report.criterion(Finding::each("both live on", 2, alive));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings_beside(&remains, &["after-"]));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: both are restarted in turns under load.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn rolling(site: &Site, dose: &Dose) -> Result<Report> {
    roll(Pair::start(site).await?, site, dose).await
}

/// Runs it: the same behind the program's own gateway.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn rolling_behind_gateway(site: &Site, dose: &Dose) -> Result<Report> {
    roll(Pair::behind_gateway(site).await?, site, dose).await
}

async fn roll(mut pair: Pair, site: &Site, dose: &Dose) -> Result<Report> {
    let rush = Rush::to(pair.address);
    let clients = rush.clients();
    let (mut drained, mut ready, mut bad_ends) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..2 * dose.n {
        let which = usize::try_from(round % 2)?;
        let answered = rush.answered();
        rush.has_answered(answered + REQUESTS).await?;
        let (took, status) = pair.take(which)?.end().await?;
        drained.push(took);
        if !status.success() {
            bad_ends.push(format!("restart {round}: {status}"));
        }
        ready.push(pair.again(which).await?);
    }
    let answered = rush.answered();
    rush.has_answered(answered + REQUESTS).await?;
    let seen = rush.over(clients, site).await?;
    let remains = pair.end(site).await?.expecting(&EXPECTED);

    let mut report = Report::of(format!("each of two processes is restarted {} times", dose.n));
    report.fact("SIGTERM to exit", middle_and_most(&drained));
    report.fact("start to ready", middle_and_most(&ready));
    report.fact("restarts", count(drained.len()));
    report.criterion(Finding::each("each process ended well", drained.len(), bad_ends));
    seen.judged(&mut report, &remains);
    Ok(report)
}

/// How long it takes until a new case goes on by itself.
async fn told(server: SocketAddr, customer: &str) -> Result<Duration> {
    let began = Instant::now();
    let mut desk = Desk::at(server);
    let id = loop {
        // The first connection may still be to the one that is gone.
        match desk.requested(customer, "TV-1").await {
            Ok(id) => break id,
            Err(error) if began.elapsed() > TAKEN_OVER => return Err(error),
            Err(_) => desk = Desk::at(server),
        }
    };
    let path = format!("/services/{id}");
    while desk.status(&path).await != 200 {
        anyhow::ensure!(began.elapsed() < TAKEN_OVER * 3, "a case goes no further");
        sleep(Duration::from_millis(20)).await;
    }
    Ok(began.elapsed())
}

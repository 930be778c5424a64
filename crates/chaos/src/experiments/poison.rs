//! An event that nobody can read: it is put aside with its reason and holds up its own case and
//! no other; once it is mended and tried again, it takes effect once, in its place.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    Report,
    checks::{Ledger, settled},
    client::Ask,
    desk::Desk,
    dose::Dose,
    process::Server,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    tamper,
    wish::Wish,
};

/// How many cases there are beside the poisoned one, before it and after it.
const AROUND: u64 = 20;
/// How soon the others must be told while it is being tried.
const LAG: Duration = Duration::from_secs(1);
/// What leads to lines in the log.
const EXPECTED: [&str; 2] = ["cannot be read", "a fault"];

/// A poisoned case: the server, its number, where its first event is, and what was in it.
struct Poisoned {
    server: Server,
    id: u64,
    body: Vec<u8>,
}

/// Runs it: the poison.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let poisoned = poison(site).await?;
    let mut desk = Desk::at(poisoned.server.address);
    let mut lags = Vec::new();
    for number in 0..dose.n {
        let id = desk.requested(&format!("after-{number}"), "TV-1").await?;
        let seen = desk.shows(&format!("/services/{id}"), "status", "REQUESTED").await?;
        lags.push(seen);
    }
    let parked = desk.comes_to("parked", 2).await?;
    let ledger = Ledger::read(poisoned.server.address).await?;
    let figures = desk.send(&Ask::get("/metrics")).await?;
    let alerts = metric(figures.body.as_str().unwrap_or_default(), "stage=\"parked\"");
    let is_there = desk.status(&format!("/services/{}", poisoned.id)).await;
    let is_alive = desk.status("/livez").await;

    let mut report =
        Report::of(format!("one event cannot be read, {} cases come after it", count(dose.n)));
    report.fact("the others' lag", middle_and_most(&lags));
    let longest = lags.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("the others' lag", LAG, longest));
    let untold = parked
        .iter()
        .filter(|it| it["attempts"] != 5 || it["reason"]["en"].as_str().is_none_or(str::is_empty));
    let untold = untold.map(Value::to_string).collect();
    report.criterion(Finding::each("parked after 5 attempts, with a reason", parked.len(), untold));
    let others = parked.iter().filter(|it| it["case"] != format!("request/{}", poisoned.id));
    let others = others.map(Value::to_string).collect();
    report.criterion(Finding::none("parked of other cases", others));
    let seen = format!("madang_deliveries{{stage=parked}} = {alerts}");
    report.criterion(Finding::so("the alert counter shows them", alerts == 2, &seen).with(&seen));
    report.criterion(Finding::so("the process is alive", is_alive == 200, is_alive));
    report.finding(Finding::so("there is no job for it", is_there == 404, is_there));
    report.finding(Finding::each("the ledger adds up", 1, ledger.wrong()).rule("U12"));
    let (after, findings) = mended(site, poisoned, false).await?;
    report.findings(after);
    report.findings(findings);
    Ok(report)
}

/// Runs it: trying again what was parked.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn replay(site: &Site, _: &Dose) -> Result<Report> {
    let poisoned = poison(site).await?;
    let mut report = Report::of("what was parked is tried again, before and after it is mended");
    let (criteria, findings) = mended(site, poisoned, true).await?;
    report.criteria(criteria);
    report.findings(findings);
    Ok(report)
}

/// Cases before, the poisoned one, cases after; two subscriptions have not seen them, and the
/// poisoned one goes on behind its first event.
async fn poison(site: &Site) -> Result<Poisoned> {
    let launch = site.launch(&["--lab"]);
    let server = launch.start().await?;
    let mut desk = Desk::at(server.address);
    desk.feel("service", "down").await?;
    desk.feel("progress", "down").await?;
    for number in 0..AROUND {
        desk.requested(&format!("before-{number}"), "TV-1").await?;
    }
    let id = desk.requested("poisoned", "TV-1").await?;
    for number in 0..AROUND {
        desk.requested(&format!("behind-{number}"), "TV-1").await?;
    }
    server.end().await?;
    // It was the only kind of event so far, so that its position is its number.
    let body = tamper::body(&site.database("request"), "request", id, b"{\"symptom\":")?;
    ensure!(!body.is_empty(), "an event");
    let server = launch.start().await?;
    Ok(Poisoned { server, id, body })
}

/// Tries it again as it is, mends it, tries it again, twice; everything must be as if nothing had
/// been wrong.
async fn mended(
    site: &Site,
    poisoned: Poisoned,
    cancels: bool,
) -> Result<(Vec<Finding>, Vec<Finding>)> {
    let mut criteria = Vec::new();
    let Poisoned { server, id, body } = poisoned;
    let mut desk = Desk::at(server.address);
    let parked = desk.comes_to("parked", 2).await?;
    if cancels {
        // In the view later events of the case have to wait behind it.
        let canceled = desk.send(&Wish::Cancel(id).ask().by("poisoned")).await?;
        ensure!([200, 202].contains(&canceled.status), "{canceled}");
    }
    for delivery in &parked {
        ensure!(desk.replay(delivery).await? == 200, "a replay of {delivery}");
    }
    let again = desk.comes_to("parked", 2).await;
    criteria.push(Finding::so("as it is, it is parked again", again.is_ok(), "it is not"));
    server.end().await?;

    tamper::body(&site.database("request"), "request", id, &body)?;
    let server = site.launch(&["--lab"]).start().await?;
    desk = Desk::at(server.address);
    let waits = desk.comes_to("parked", 2).await;
    criteria.push(Finding::so("mended, it waits for an operator", waits.is_ok(), "it does not"));
    let mut second = Vec::new();
    for delivery in &parked {
        ensure!(desk.replay(delivery).await? == 200, "a replay of {delivery}");
    }
    let began = Instant::now();
    desk.comes_to("parked", 0).await?;
    for delivery in &parked {
        second.push(desk.replay(delivery).await?);
    }
    let nothing = second.iter().all(|it| *it == 404);
    let seen = format!("answered {second:?}");
    criteria
        .push(Finding::so("tried again once more, there is nothing", nothing, &seen).with(&seen));
    let (_, ledger) = settled(server.address).await?;
    criteria.push(Finding::none("left to be delivered", ledger.open()));
    let took = format!("{} ms", began.elapsed().as_millis());
    let row = desk.get(&format!("/services/{id}")).await.context("its job")?;
    let followed = desk.get(&format!("/progressViews/{id}")).await?;
    let end = if cancels { "CANCELED" } else { "REQUESTED" };
    let is_so = row["status"] == end && followed["status"] == end;
    let seen = format!("service {}, progress {}", row["status"], followed["status"]);
    criteria.push(Finding::so("the case came to its end", is_so, seen).with(took));
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);
    // A job that was canceled before it was opened is never opened.
    let first = if cancels { "AsCanceled" } else { "JobOpened" };
    let times = remains.records.all().filter(|(_, it)| it.event == first && it.of.1 == id).count();
    criteria.push(Finding::so(format!("one {first}"), times == 1, times));
    Ok((criteria, remains.findings()))
}

/// The sum of the lines with this label.
fn metric(text: &str, label: &str) -> u64 {
    let lines =
        text.lines().filter(|it| it.starts_with("madang_deliveries{") && it.contains(label));
    lines.filter_map(|it| it.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

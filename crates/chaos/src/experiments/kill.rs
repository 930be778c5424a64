//! `kill -9` at a random moment under load, again and again: what was acknowledged is there, and
//! what was begun goes on.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::{
    Report,
    checks::Ledger,
    crowd::Crowd,
    dose::Dose,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::{Site, Storage},
};

/// How many work at the same time.
const WORKERS: u64 = 16;
/// When it is killed, in milliseconds after it was ready.
const MOMENT: (u64, u64) = (20, 400);
/// Every so many times it is killed once more before it is ready, at the latest so many
/// milliseconds after its start.
const IN_VAIN: (u64, u64) = (4, 30);
/// How soon it must be ready again.
const READY: Duration = Duration::from_secs(2);

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let launch = site.launch(&[]);
    let mut server = launch.start().await?;
    let mut ready = vec![server.ready_after];
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let (mut looks, mut in_vain) = (Vec::new(), 0_u64);
    for life in 1..=u32::try_from(dose.n)? {
        let moment = Duration::from_millis(MOMENT.0 + chance.below(MOMENT.1 - MOMENT.0));
        let look = tokio::spawn(Ledger::read(server.address));
        sleep(moment).await;
        server.kill().await?;
        crowd.is_away();
        // One that was broken off has nothing to say.
        looks.extend(look.await?.ok().map(|it| it.wrong()));
        if chance.below(IN_VAIN.0) == 0 {
            in_vain += 1;
            launch.start_in_vain(Duration::from_millis(chance.below(IN_VAIN.1))).await?;
        }
        server = launch.start().await?;
        ready.push(server.ready_after);
        crowd.is_back(life, server.address);
    }
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!(
        "{} times kill -9 under {WORKERS} workers, {} to {} ms after it was ready",
        dose.n, MOMENT.0, MOMENT.1
    ));
    let one = site.storage() == Storage::One;
    report.fact("databases", if one { "one" } else { "one for each context" });
    report.fact("killed again while starting", count(in_vain));
    worked.facts(&mut report);
    report.fact("start to ready", middle_and_most(&ready));
    remains.facts(&mut report);

    report.criteria(worked.criteria(&remains));
    let longest = ready.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("ready again", READY, longest));
    report.findings(worked.findings(&remains));
    let wrong = looks.iter().filter_map(|it| it.first().cloned()).collect();
    let looked_at = looks.len();
    report.finding(Finding::each("the ledger added up whenever looked at", looked_at, wrong));
    report.finding(worked.whole());
    report.findings(remains.findings());
    Ok(report)
}

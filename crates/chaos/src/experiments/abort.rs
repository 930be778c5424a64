//! The process ends between a commit and whoever would hear of it, at the first commit of its
//! life, at the second, and so on.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    Report,
    checks::settled,
    crowd::Crowd,
    dose::Dose,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// How soon everything that was committed must have been told after the restart.
const TOLD: Duration = Duration::from_secs(5);

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let launch = site.launch(&[]);
    let mut server = launch.start().await?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let (mut told, mut life, mut early) = (Vec::new(), 0, 0_u64);
    let mut unsettled = Vec::new();
    for hit in 1..=dose.n {
        crowd.is_away();
        server.kill().await?;
        let fault = format!("writer.after_commit=abort@{hit}");
        match launch.clone().with("MADANG_FAULT", fault).start_or_end().await? {
            None => early += 1,
            Some(mut doomed) => {
                life += 1;
                crowd.is_back(life, doomed.address);
                doomed.ended().await?;
                crowd.is_away();
            }
        }
        let began = Instant::now();
        server = launch.start().await?;
        let (_, ledger) = settled(server.address).await?;
        told.push(began.elapsed());
        unsettled.extend(ledger.open().first().map(|it| format!("after hit {hit}: {it}")));
        life += 1;
        crowd.is_back(life, server.address);
    }
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!(
        "{} times abort between commit and telling, at the first to the last commit of a life",
        count(dose.n)
    ));
    report.fact("hits while it was starting", count(early));
    worked.facts(&mut report);
    report.fact("start to everything told", middle_and_most(&told));
    remains.facts(&mut report);
    report.criteria(worked.criteria(&remains));
    let longest = told.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("everything told after a restart", TOLD, longest));
    report.criterion(Finding::each("nothing was left to be told", told.len(), unsettled));
    report.findings(worked.findings(&remains));
    report.finding(worked.whole());
    report.findings(remains.findings());
    Ok(report)
}

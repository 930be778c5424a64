//! One in a hundred things that a request or a delivery does panics: whoever asked is told, what
//! was begun is undone or goes on, and the process lives.

use anyhow::Result;
use tokio::time::sleep;

use crate::{
    Report,
    crowd::Crowd,
    dose::Dose,
    history::Came,
    remains::Remains,
    report::{Finding, count},
    site::Site,
};

/// How many work at the same time.
const WORKERS: u64 = 16;
/// Where it panics: in a request, and on the way to others and back.
const POINTS: [&str; 6] = [
    "command.handed_over",
    "command.before_answer",
    "question.before_ask",
    "question.after_answer",
    "effect.before_call",
    "effect.after_call",
];
/// What is written down of it.
const EXPECTED: [&str; 4] = ["panic", "a fault", "a request panicked", "a batch failed"];

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let share = dose.n;
    let plan: Vec<_> = POINTS.iter().map(|it| format!("{it}=panic@{share}%")).collect();
    let mut server = site.launch(&[]).with("MADANG_FAULT", plan.join(",")).start().await?;
    let id = server.id()?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    sleep(dose.time()).await;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let is_alive = server.is_alive()? && server.id()? == id;
    let mut desk = crate::desk::Desk::at(server.address);
    let parked = desk.deliveries("parked").await?;
    for delivery in &parked {
        desk.replay(delivery).await?;
    }
    let remains = Remains::of(site, server).await?.expecting(&EXPECTED);

    let tries = worked.deeds.iter().flat_map(|it| &it.tries);
    let faults: Vec<_> = tries
        .filter_map(|it| if let Came::Fault(said) = &it.came { Some(said.clone()) } else { None })
        .collect();
    let mut report = Report::of(format!(
        "{share} of 100 at {} places panic for {} s",
        POINTS.len(),
        dose.seconds
    ));
    worked.facts(&mut report);
    report.fact("parked and tried again", count(parked.len()));
    remains.facts(&mut report);
    report.criterion(Finding::so("the same process is alive", is_alive, "it is not"));
    let many = !faults.is_empty();
    let seen = format!("{} answers 500", count(faults.len()));
    report.criterion(Finding::so("whoever asked is told", many, &seen).with(&seen));
    let said = faults.iter().filter(|it| !it.starts_with("500") || it.contains("panic"));
    let said: Vec<_> = said.cloned().collect();
    report.criterion(Finding::each("with a body that gives nothing away", faults.len(), said));
    report.criteria(worked.criteria(&remains));
    let findings = worked.findings_but_faults(&remains);
    report.findings(findings);
    report.finding(worked.whole());
    report.findings(remains.findings());
    Ok(report)
}

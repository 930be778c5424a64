//! A copy is made while everyone works, and served: it is all of one moment, holds everything that
//! was acknowledged before, and goes on by itself.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Result, ensure};
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use crate::{
    Report,
    checks::{self, beginnings, cut_short, settled},
    crowd::Crowd,
    dose::Dose,
    history::Deed,
    process::Launch,
    records::Records,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// Between two copies.
const APART: Duration = Duration::from_millis(400);
/// How soon a copy must be ready when it is served.
const READY: Duration = Duration::from_secs(2);

/// A copy, and since when and until when it was made.
struct Copy {
    folder: PathBuf,
    began: Duration,
    took: Duration,
}

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let launch = site.launch(&[]);
    let server = launch.start().await?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let began = crowd.began();
    let mut copies = Vec::new();
    for number in 0..dose.n {
        sleep(APART).await;
        let folder = site.file(&format!("copy-{number}"));
        let since = began.elapsed();
        copy(&launch, &folder.join("data")).await?;
        copies.push(Copy { folder, began: since, took: began.elapsed().saturating_sub(since) });
    }
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of(site, server).await?;

    let (mut torn, mut lost, mut ready, mut unserved) = (Vec::new(), 0, Vec::new(), Vec::new());
    let (mut kept, mut findings) = (0, Vec::new());
    for Copy { folder, began, .. } in &copies {
        let records = Records::read(&folder.join("data"))?;
        torn.extend(cut_short(&records, &remains.records));
        let before: Vec<Deed> =
            worked.deeds.iter().filter(|it| was_over(it, *began)).cloned().collect();
        kept += before.len();
        lost += checks::lost_count(&before, &records);
        let serving = Launch { folder: folder.clone(), ..launch.clone() };
        std::fs::copy(site.file("madang.toml"), folder.join("madang.toml")).ok();
        match served(&serving, &records).await {
            Ok((after, more)) => {
                ready.push(after);
                findings.extend(more.into_iter().filter(|it| !it.is_good()));
            }
            Err(error) => unserved.push(format!("{}: {error:#}", folder.display())),
        }
    }

    let mut report = Report::of(format!("{} copies under {WORKERS} workers, each served", dose.n));
    worked.facts(&mut report);
    let took: Vec<_> = copies.iter().map(|it| it.took).collect();
    report.fact("making a copy", middle_and_most(&took));
    report.fact("start of a copy to ready", middle_and_most(&ready));
    remains.facts(&mut report);
    report.criterion(Finding::each("each is all of one moment", copies.len(), torn));
    let seen = format!("{} lost of {}", count(lost), count(kept));
    report.criterion(
        Finding::so("what was acknowledged before is in it", lost == 0, &seen)
            .with(&seen)
            .rule("U3"),
    );
    report.criterion(Finding::each("served, it goes on by itself", copies.len(), unserved));
    let longest = ready.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("a copy is ready", READY, longest));
    let broken = findings.iter().map(|it| format!("{it:?}")).collect();
    report.criterion(Finding::none("invariants that a served copy breaks", broken));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings(&remains));
    report.finding(worked.whole());
    report.findings(remains.findings());
    Ok(report)
}

/// Whether it had been acknowledged by then.
fn was_over(deed: &Deed, then: Duration) -> bool {
    deed.ok().is_some() && deed.tries.last().is_some_and(|it| it.over < then)
}

/// As an operator makes it.
async fn copy(launch: &Launch, to: &Path) -> Result<()> {
    let mut command = Command::new(&launch.server);
    command.arg("backup").arg(to).arg("--data").arg(launch.data());
    command.current_dir(&launch.folder).env_clear().stdin(Stdio::null());
    let output = command.output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "a copy cannot be made: {said}");
    Ok(())
}

/// Starts on a copy, and waits until everyone has been told of everything in it.
async fn served(launch: &Launch, before: &Records) -> Result<(Duration, Vec<Finding>)> {
    let server = launch.start().await?;
    let (ready, began) = (server.ready_after, Instant::now());
    let (_, ledger) = settled(server.address).await?;
    ensure!(ledger.open().is_empty(), "left after {:?}: {:?}", began.elapsed(), ledger.open());
    let remains = Remains::in_folder(launch, server).await?;
    let mut findings = remains.findings();
    findings.push(beginnings(before, &remains.records));
    Ok((ready, findings))
}

//! Somebody reads for long while everyone writes: through the server the log stays small; beside
//! it, the log grows, that is said, and it is given back afterwards.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use rusqlite::Connection;
use tokio::{
    io::AsyncWriteExt,
    task::spawn_blocking,
    time::{Instant, sleep},
};

use crate::{
    Report,
    crowd::Crowd,
    dose::Dose,
    remains::Remains,
    report::{Finding, count},
    site::Site,
    strangers::connect,
    wait::until,
};

/// How many work at the same time.
const WORKERS: u64 = 16;
/// How large the log may become.
const LOG: u64 = 64 << 20;
/// How large it may be when nobody writes any more.
const AT_REST: u64 = 1 << 20;

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let server = site.launch(&[]).start().await?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let log = site.data().join("repair.sqlite-wal");

    // Those who ask for long lists and hardly read them.
    let mut readers = Vec::new();
    for number in 0..dose.n {
        let mut socket = connect(number, server.address).await?;
        let path = if number % 2 == 0 { "/services?size=200" } else { "/requests" };
        let head = format!("GET {path} HTTP/1.1\r\nHost: madang\r\nAccept: text/csv\r\n\r\n");
        socket.write_all(head.as_bytes()).await?;
        readers.push(socket);
    }
    let inside = grown(&log, dose.time()).await;
    drop(readers);

    // Somebody with a tool of their own.
    let path = site.database("request");
    let reader = spawn_blocking(move || look(&path)).await??;
    let outside = grown(&log, dose.time()).await;
    spawn_blocking(move || drop(reader)).await?;
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let began = Instant::now();
    let rest = until("the log is given back", async || {
        let now = size(&log);
        Ok((now <= AT_REST).then_some(now))
    });
    let rest = rest.await;
    let back = began.elapsed();
    let said = std::fs::read_to_string(site.launch(&[]).log())?;
    let warned = said.lines().filter(|it| it.contains("the log grows")).count();
    let remains = Remains::of(site, server).await?;

    let mut report =
        Report::of(format!("long readers for {} s and {} s", dose.seconds, dose.seconds));
    worked.facts(&mut report);
    report.fact("the log, read through the server", format!("{} KiB", count(inside >> 10)));
    report.fact("the log, read beside the server", format!("{} KiB", count(outside >> 10)));
    report.fact("warnings", count(warned));
    let seen = format!("{} KiB of at most {}", count(inside >> 10), count(LOG >> 10));
    report.criterion(
        Finding::so("the log, read through the server", inside <= LOG, &seen).with(&seen),
    );
    let is_said = warned > 0 || outside <= LOG;
    let seen = format!("{warned} warnings at {} KiB", count(outside >> 10));
    report.criterion(Finding::so("read beside it, that is said", is_said, &seen).with(&seen));
    let seen = format!("after {} ms", back.as_millis());
    report.criterion(Finding::so("the log is given back", rest.is_ok(), &seen).with(&seen));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings(&remains));
    report.finding(worked.whole());
    report.findings(remains.findings());
    Ok(report)
}

/// The largest size of a file within a time, in bytes.
async fn grown(path: &Path, time: Duration) -> u64 {
    let end = Instant::now() + time;
    let mut most = 0;
    while Instant::now() < end {
        most = most.max(size(path));
        sleep(Duration::from_millis(20)).await;
    }
    most
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |it| it.len())
}

/// Looks, and goes on looking at the same moment.
fn look(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch("BEGIN")?;
    let count = connection.query_one("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    count.context("a look")?;
    Ok(connection)
}

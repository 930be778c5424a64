//! The end of the log is cut off, or a bit of it is flipped: what is left is the database as it
//! was at an earlier moment, and the server goes on from there.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use tokio::time::sleep;

use crate::{
    Report,
    chance::Chance,
    checks::{cut_short, settled},
    crowd::Crowd,
    dose::Dose,
    process::Launch,
    records::Records,
    remains::Remains,
    report::{Finding, count},
    site::Site,
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// How long they work before the power fails.
const WORK: Duration = Duration::from_millis(900);
/// Every so many damaged logs the server is started on one.
const STARTED: u64 = 10;

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
    sleep(WORK).await;
    server.kill().await?;
    crowd.is_away();
    let (torn, whole) = (site.file("torn"), site.file("whole"));
    copy(&site.data(), &torn)?;
    copy(&torn, &whole)?;
    server = launch.start().await?;
    crowd.is_back(1, server.address);
    let worked = crowd.end(&site.file("history.jsonl")).await?;

    recover(&whole)?;
    let all = Records::read(&whole)?;
    let events: usize = all.journals.values().map(Vec::len).sum();
    let log = torn.join("repair.sqlite-wal").metadata().context("a log")?.len();
    ensure!(log > 0, "a log with something in it");
    let (mut wrong, mut unserved, mut served, mut fewest) = (Vec::new(), Vec::new(), 0, events);
    for round in 0..2 * dose.n {
        let place = site.file("try");
        let damage = Damage::by(&mut chance, round % 2 == 0, log);
        copy(&torn, &place)?;
        damage.done(&place.join("repair.sqlite-wal"))?;
        let is_served = round % STARTED == 0;
        if is_served {
            served += 1;
            let serving = Launch { folder: place.clone(), ..launch.clone() };
            if let Err(error) = serve(&serving, &place).await {
                unserved.push(format!("{damage:?}: {error:#}"));
            }
            fs::remove_dir_all(place.join("data")).ok();
        } else {
            recover(&place)?;
            let records = Records::read(&place)?;
            fewest = fewest.min(records.journals.values().map(Vec::len).sum());
            wrong.extend(cut_short(&records, &all).first().map(|it| format!("{damage:?}: {it}")));
        }
        fs::remove_dir_all(&place)?;
    }
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!("{} cuts and {} flips in the log", dose.n, dose.n));
    report.fact("the log", format!("{} bytes", count(log)));
    report.fact("events in the whole log", count(events));
    report.fact("fewest that were left", count(fewest));
    worked.facts(&mut report);
    let looked_at = 2 * dose.size() - served;
    report.criterion(Finding::each("left is an earlier moment, and sound", looked_at, wrong));
    report.criterion(Finding::each("the server goes on from there", served, unserved));
    worked.criteria(&remains).into_iter().for_each(|it| report.criterion(it));
    report.findings(worked.findings(&remains));
    report.findings(remains.findings());
    Ok(report)
}

/// The server gets ready, tells everyone of what is there, and its ledger adds up.
async fn serve(launch: &Launch, data: &Path) -> Result<()> {
    let folder = data.join("data");
    fs::create_dir(&folder)?;
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::rename(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    let server = launch.start().await?;
    let (_, ledger) = settled(server.address).await?;
    ensure!(ledger.wrong().is_empty() && ledger.open().is_empty(), "{:?}", ledger.open());
    server.kill().await?;
    let records = Records::read(&folder)?;
    let wrong = crate::checks::journals(&records).into_iter().find(|it| !it.is_good());
    ensure!(wrong.is_none(), "{wrong:?}");
    Ok(())
}

/// What is done to a log.
#[derive(Debug)]
enum Damage {
    /// It ends here.
    Cut(u64),
    /// This bit of this byte is another one.
    Flip(u64, u8),
}

impl Damage {
    fn by(chance: &mut Chance, cuts: bool, length: u64) -> Self {
        let at = chance.below(length);
        if cuts { Self::Cut(at) } else { Self::Flip(at, 1 << chance.below(8)) }
    }

    fn done(&self, log: &Path) -> Result<()> {
        let file = File::options().read(true).write(true).open(log)?;
        match self {
            Self::Cut(at) => file.set_len(*at)?,
            Self::Flip(at, bit) => {
                let mut byte = [0];
                file.read_exact_at(&mut byte, *at)?;
                file.write_all_at(&[byte[0] ^ bit], *at)?;
            }
        }
        Ok(())
    }
}

/// The databases and their logs; nothing that says who has them open.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && !name.ends_with("-shm") && !name.ends_with("-lock") {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// As the engine finds it: what is sound in the log goes into the file.
fn recover(folder: &Path) -> Result<()> {
    let connection = Connection::open(folder.join("repair.sqlite"))?;
    connection.query_one("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

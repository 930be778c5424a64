//! The end of the log is cut off, or a bit of it is flipped: what is left is the database as it
//! was at an earlier moment, and the server goes on from there.

use std::{
    fs::{self, File},
    ops::Range,
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
    checks::{cut_short, journals, settled},
    crowd::Crowd,
    dose::Dose,
    process::{Launch, Server},
    records::Records,
    remains::Remains,
    report::{Finding, count},
    site::{CONTEXTS, Site},
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// How long they work before the power fails.
const WORK: Duration = Duration::from_millis(900);
/// The beginning of a log, and a page in it, in bytes.
const LOG_HEADER: u64 = 32;
const FRAME: u64 = 24 + 4_096;
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
    let safe = taken_over(&site.database("request"))?;
    copy(&site.data(), &torn)?;
    copy(&torn, &whole)?;
    server = launch.start().await?;
    crowd.is_back(1, server.address);
    let worked = crowd.end(&site.file("history.jsonl")).await?;

    recover(&whole)?;
    let all = Records::read(&whole)?;
    let events: usize = all.journals.values().map(Vec::len).sum();
    let log = torn.join("repair.sqlite-wal").metadata().context("a log")?.len();
    ensure!(log > safe, "a log with something new in it");
    let (mut wrong, mut unserved, mut started, mut fewest) = (Vec::new(), Vec::new(), 0, events);
    for round in 0..2 * dose.n {
        let place = site.file("try");
        let damage = Damage::by(&mut chance, round % 2 == 0, safe..log);
        copy(&torn, &place)?;
        damage.done(&place.join("repair.sqlite-wal"))?;
        let is_served = round % STARTED == 0;
        if is_served {
            started += 1;
            let serving = Launch { folder: place.clone(), ..launch.clone() };
            if let Err(error) = serve(&serving, &place).await {
                unserved.push(format!("{damage:?}: {error:#}"));
            }
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
    report.fact("the log", format!("{} bytes, {} of them safe", count(log), count(safe)));
    report.fact("events in the whole log", count(events));
    report.fact("fewest that were left", count(fewest));
    worked.facts(&mut report);
    let looked_at = 2 * dose.size() - started;
    report.criterion(Finding::each("left is an earlier moment, and sound", looked_at, wrong));
    report.criterion(Finding::each("the server goes on from there", started, unserved));
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings(&remains));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it where each context has a database of its own, and the log of one is cut: together they
/// are no state that ever was. Either nobody noticed anything of what is lost, or the server says
/// in one line that they do not belong together.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn apart(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let launch = site.launch(&[]);
    let mut server = launch.start().await?;
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    sleep(WORK).await;
    server.kill().await?;
    crowd.is_away();
    let torn = site.file("torn");
    let safe: Vec<_> =
        CONTEXTS.iter().map(|it| taken_over(&site.database(it))).collect::<Result<_>>()?;
    copy(&site.data(), &torn)?;
    server = launch.start().await?;
    crowd.is_back(1, server.address);
    let worked = crowd.end(&site.file("history.jsonl")).await?;

    let (mut wrong, mut refused, mut started) = (Vec::new(), 0_u64, 0_u64);
    for round in 0..dose.n {
        let which = usize::try_from(round % 4)?;
        let (place, context) = (site.file("try"), CONTEXTS[which]);
        copy(&torn, &place)?;
        let log = place.join(format!("{context}.sqlite-wal"));
        let length = log.metadata().with_context(|| format!("a log of {context}"))?.len();
        ensure!(safe[which] < length, "a log of {context} with something new in it");
        let damage = Damage::Cut(safe[which] + chance.below(length - safe[which]));
        damage.done(&log)?;
        fs::copy(site.file("madang.toml"), place.join("madang.toml"))?;
        let serving = Launch { folder: place.clone(), ..launch.clone() };
        move_in(&place)?;
        match serving.start_or_end().await? {
            None => {
                let said = fs::read_to_string(serving.log())?;
                let lines: Vec<_> = said.lines().filter(|it| it.starts_with("madang: ")).collect();
                let is_clear = lines.len() == 1 && lines[0].contains("was told of");
                if !is_clear {
                    wrong.push(format!("{context}, {damage:?}: {said}"));
                }
                refused += 1;
            }
            Some(server) => {
                started += 1;
                if let Err(error) = goes_on(server, &place.join("data")).await {
                    wrong.push(format!("{context}, {damage:?}: {error:#}"));
                }
            }
        }
        fs::remove_dir_all(&place)?;
    }
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!("{} times the log of one context is cut", dose.n));
    report.fact("refused, with one line", count(refused));
    report.fact("served: nobody had seen what is lost", count(started));
    worked.facts(&mut report);
    let looked_at = dose.size();
    report.criterion(
        Finding::each("refused, or sound and going on", looked_at, wrong).with(format!(
            "{} refused, {} served",
            count(refused),
            count(started)
        )),
    );
    report.criteria(worked.criteria(&remains));
    report.findings(worked.findings(&remains));
    report.findings(remains.findings());
    Ok(report)
}

/// The server gets ready, tells everyone of what is there, and its ledger adds up.
async fn serve(launch: &Launch, place: &Path) -> Result<()> {
    move_in(place)?;
    let server = launch.start().await?;
    goes_on(server, &place.join("data")).await
}

/// What was copied into a folder goes where a server looks for it.
fn move_in(place: &Path) -> Result<()> {
    let folder = place.join("data");
    fs::create_dir(&folder)?;
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains(".sqlite") {
            fs::rename(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}

async fn goes_on(server: Server, data: &Path) -> Result<()> {
    let (_, ledger) = settled(server.address).await?;
    ensure!(ledger.wrong().is_empty() && ledger.open().is_empty(), "{:?}", ledger.open());
    server.kill().await?;
    let records = Records::read(data)?;
    let wrong = journals(&records).into_iter().find(|it| !it.is_good());
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
    fn by(chance: &mut Chance, cuts: bool, within: Range<u64>) -> Self {
        let at = within.start + chance.below(within.end - within.start);
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

/// How much of the log the file has already taken over, or was just taking over when the process
/// ended, in bytes: that had been flushed before, so that no failure of power can tear it. (The
/// engine writes both into the index of the log, at these places.)
fn taken_over(database: &Path) -> Result<u64> {
    let mut index = database.as_os_str().to_owned();
    index.push("-shm");
    let index = fs::read(&index)?;
    let at = |place: usize| -> Result<u32> {
        let frames = index.get(place..place + 4).context("an index of the log")?;
        Ok(u32::from_ne_bytes(frames.try_into()?))
    };
    let (done, attempted) = (at(96)?, at(128)?);
    Ok(LOG_HEADER + u64::from(done.max(attempted)) * FRAME)
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

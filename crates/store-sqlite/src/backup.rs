//! A copy of several databases as of one moment, while others may be at work in them.
//!
//! Contexts refer to one another, so that a copy of each for itself would show causes without
//! effects. Whoever commits needs the turn to write of their database; we take that of every one,
//! look at all of them, and give the turns back at once. Nobody is in the way of the copying.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, backup::Backup};
use thiserror::Error;

/// How long to wait for the turn to write.
const TURN: Duration = Duration::from_secs(5);
/// How many pages are copied before anybody else may have the processor.
const PAGES: i32 = 1_000;

/// A copy that was made.
#[derive(Debug)]
pub struct Copied {
    /// For so long nobody could commit.
    pub paused: Duration,
    /// The files, each with its size in bytes.
    pub files: Vec<(PathBuf, u64)>,
}

/// Why there is no copy. Nothing is left of it.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is something already.
    #[error("{} is there already; a backup is made in a folder of its own", .0.display())]
    Exists(PathBuf),
    /// There is nothing to be copied.
    #[error("{} is not there", .0.display())]
    Missing(PathBuf),
    /// The folder cannot be used.
    #[error("{} cannot be written: {source}", path.display())]
    Folder {
        /// The folder, or a file in it.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A database cannot be copied.
    #[error("{} cannot be copied: {source}", path.display())]
    Engine {
        /// The database.
        path: PathBuf,
        /// What the engine says.
        source: rusqlite::Error,
    },
    /// A copy is not sound.
    #[error("the copy of {} is damaged: {what}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What the engine finds.
        what: String,
    },
}

/// Copies databases, given by their paths in a folder, into another folder, which must not be
/// there. The copy is complete and on the disk, or it is not there at all.
///
/// # Errors
///
/// In one clear line.
pub fn backup(from: &Path, files: &[PathBuf], to: &Path) -> Result<Copied, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let mut name = to.as_os_str().to_owned();
    name.push(".partial");
    let partial = PathBuf::from(name);
    let copied = copy_all(from, files, &partial).and_then(|copied| {
        let moved = fs::rename(&partial, to).and_then(|()| on_disk(to.parent()));
        moved.map_err(|source| folder(to, source))?;
        Ok(copied)
    });
    if copied.is_err() {
        // What could not be written may not even be there.
        drop(fs::remove_dir_all(&partial));
    }
    copied
}

fn copy_all(from: &Path, files: &[PathBuf], to: &Path) -> Result<Copied, BackupError> {
    fs::create_dir_all(to).map_err(|source| folder(to, source))?;
    let (moments, paused) = one_moment(from, files)?;
    let mut copied = Copied { paused, files: Vec::new() };
    for (file, moment) in files.iter().zip(moments) {
        let target = to.join(file);
        copy(&moment, &target).map_err(|source| engine(&from.join(file), source))?;
        check(&target)?;
        let written = File::open(&target).and_then(|it| it.sync_all().and_then(|()| it.metadata()));
        let written = written.map_err(|source| folder(&target, source))?;
        copied.files.push((file.clone(), written.len()));
    }
    on_disk(Some(to)).map_err(|source| folder(to, source))?;
    Ok(copied)
}

/// Every database as it is at one and the same moment; and for how long nobody could commit.
fn one_moment(from: &Path, files: &[PathBuf]) -> Result<(Vec<Connection>, Duration), BackupError> {
    let paths = files.iter().map(|it| from.join(it));
    let mut open = Vec::new();
    for path in paths {
        if !path.exists() {
            return Err(BackupError::Missing(path));
        }
        let turn = connect(&path).map_err(|source| engine(&path, source))?;
        let moment = connect(&path).map_err(|source| engine(&path, source))?;
        open.push((path, turn, moment));
    }
    let mut began = Instant::now();
    for (index, (path, turn, _)) in open.iter().enumerate() {
        turn.execute_batch("BEGIN IMMEDIATE").map_err(|source| engine(path, source))?;
        if index == 0 {
            began = Instant::now();
        }
    }
    let looked = open.iter().try_for_each(|(path, _, moment)| {
        // It is the first look that counts, not the beginning.
        let looked = moment
            .execute_batch("BEGIN")
            .and_then(|()| moment.query_one("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())));
        looked.map_err(|source| engine(path, source))
    });
    let moments = open.into_iter().map(|(_, turn, moment)| {
        drop(turn); // which gives the turn back
        moment
    });
    let moments = moments.collect();
    let paused = began.elapsed();
    looked.map(|()| (moments, paused))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(TURN)?;
    Ok(connection)
}

fn copy(moment: &Connection, target: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(target)?;
    copy.pragma_update(None, "synchronous", "FULL")?;
    Backup::new(moment, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    // It is one file: the log beside it goes when the last one leaves.
    copy.close().map_err(|(_, error)| error)
}

fn check(target: &Path) -> Result<(), BackupError> {
    let said = Connection::open(target)
        .and_then(|it| it.query_one("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)));
    match said.map_err(|source| engine(target, source))?.as_str() {
        "ok" => Ok(()),
        what => Err(BackupError::Damaged { path: target.to_owned(), what: what.to_owned() }),
    }
}

/// The names in a folder are as durable as what is in its files.
fn on_disk(folder: Option<&Path>) -> io::Result<()> {
    let folder = folder.filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn folder(path: &Path, source: io::Error) -> BackupError {
    BackupError::Folder { path: path.to_owned(), source }
}

fn engine(path: &Path, source: rusqlite::Error) -> BackupError {
    BackupError::Engine { path: path.to_owned(), source }
}

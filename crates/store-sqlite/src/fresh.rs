//! A database that was not there before.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    error::OpenError,
    inspect::engine,
    lock::beside,
    migrate::{STEPS, migrate},
    options::Options,
};

/// Makes it under another name first: a file of this name is always a whole
/// database, whenever the power fails.
pub fn make(path: &Path, options: &Options) -> Result<(), OpenError> {
    let draft = beside(path, "-new");
    let cannot = |source| OpenError::CannotWrite { path: path.to_owned(), source };
    clear(&draft).map_err(cannot)?;
    let made = write(&draft, options).map_err(|error| engine(path, error));
    let made = made.and_then(|()| put_in_place(&draft, path).map_err(cannot));
    if made.is_err() {
        // The reason it could not be made matters more than what is left of it.
        let _ = clear(&draft);
    }
    made
}

fn write(draft: &Path, options: &Options) -> rusqlite::Result<()> {
    let mut connection = options.connect(draft, OpenFlags::default())?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&mut connection, STEPS)?;
    // To begin a log later would take a journal of the other kind, and one that
    // comes back when the power fails keeps the database from being looked at.
    begin_log(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.close().map_err(|(_, error)| error)
}

/// The mode the database is in afterwards: `wal`, or what it was when that is
/// not possible. The engine is asked until it has nothing left to say: an error
/// of the disk comes after the answer.
pub fn begin_log(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_one("PRAGMA journal_mode = WAL", [], |row| row.get(0))
}

fn put_in_place(draft: &Path, path: &Path) -> io::Result<()> {
    fs::rename(draft, path)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn clear(draft: &Path) -> io::Result<()> {
    let beside = ["-journal", "-wal", "-shm"].map(|ending| beside(draft, ending));
    for leftover in beside.into_iter().chain([draft.to_owned()]) {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

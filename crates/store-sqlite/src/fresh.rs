//! A database that was not there before.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use rusqlite::OpenFlags;

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
    connection.close().map_err(|(_, error)| error)
}

fn put_in_place(draft: &Path, path: &Path) -> io::Result<()> {
    fs::rename(draft, path)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn clear(draft: &Path) -> io::Result<()> {
    for leftover in [draft.to_owned(), beside(draft, "-journal")] {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

//! Only one process at a time: a file beside the database that is held as long
//! as the database is open.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use crate::error::OpenError;

/// Held as long as the database is open.
///
/// It is a file of its own, because to close any other handle of the database
/// file would take away the locks of the engine.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes it, if there is a file for it already.
    pub fn take_existing(path: &Path) -> Result<Option<Self>, OpenError> {
        if beside(path, "-lock").exists() { Self::take(path).map(Some) } else { Ok(None) }
    }

    /// Takes it; makes the file for it.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let cannot = |source| OpenError::CannotWrite { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true);
        let file: File = options.open(beside(path, "-lock")).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(cannot(source)),
        }
    }
}

/// The name of a file beside the database.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

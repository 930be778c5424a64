//! The key that the processes know each other by, made at the first start.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    path::Path,
};

use runtime::ports::Chance as _;

use crate::{
    exit::{Code, Outcome, Stop},
    serve::ambient::OsChance,
};

/// Makes the file, if it is not there; nobody else may read it.
pub fn make(path: &Path) -> Outcome {
    let key = format!("{:032x}{:032x}\n", OsChance.bits(), OsChance.bits());
    let written = secret(path, true).and_then(|mut file| file.write_all(key.as_bytes()));
    match written {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            let path = path.display();
            Err(Stop::new(Code::Data, format!("{path} cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// A file that nobody else may read; only a new one, if that is wanted.
pub fn secret(path: &Path, new: bool) -> std::io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(!new).create_new(new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

//! What is on a disk when the power is back.

use std::{ffi::OsString, fs, io, path::Path};

use super::medium::Toll;

/// What is on a disk when the power is back.
#[derive(Debug, Clone)]
pub struct Remains {
    /// The files, by name.
    pub files: Vec<(OsString, Vec<u8>)>,
    /// What became of what was on its way.
    pub toll: Toll,
    /// The log was being copied into the file.
    pub in_checkpoint: bool,
}

impl Remains {
    /// Puts it into a folder.
    ///
    /// # Errors
    ///
    /// When that cannot be written.
    pub fn put_into(&self, folder: &Path) -> io::Result<()> {
        self.files.iter().try_for_each(|(name, content)| fs::write(folder.join(name), content))
    }
}

//! A small disk that can be filled and emptied.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// A small disk. Dropped, it is taken away.
#[derive(Debug)]
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// One of so many MiB, at this folder, which is made.
    pub fn mount(at: &Path, mebibytes: u32) -> Result<Self> {
        fs::create_dir_all(at)?;
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"]).arg(at);
        ensure!(command.status().context("mount")?.success(), "a small disk cannot be mounted");
        Ok(Self { at: at.to_owned() })
    }

    /// Takes all the room there is; how many bytes that was.
    pub fn fill(&self) -> Result<u64> {
        let mut filler = File::create(self.filler())?;
        let mut taken = 0;
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![b'x'; size];
            loop {
                match filler.write(&block) {
                    Ok(written) => taken += written as u64,
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(taken)
    }

    /// Gives it back.
    pub fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever still has it keeps it until then.
        let away = Command::new("umount").arg("-l").arg(&self.at).status();
        if !away.is_ok_and(|it| it.success()) {
            eprintln!("{} stays mounted", self.at.display());
        }
    }
}

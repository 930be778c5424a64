//! The place of one experiment: a folder that goes when all is well.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{Report, process::Launch};

/// The contexts of the centre.
pub const CONTEXTS: [&str; 5] = ["request", "service", "stock", "payment", "progress"];

/// Where the data are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// One embedded database.
    One,
    /// An embedded database for each context.
    Apart,
}

/// The place of one experiment.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    server: PathBuf,
    storage: Storage,
}

/// Conducts an experiment in a place of its own, which stays when something is not as it should
/// be.
pub async fn conduct(
    name: &str,
    server: &Path,
    storage: Storage,
    experiment: impl AsyncFnOnce(&Site) -> Result<Report>,
) -> Result<Report> {
    let prefix = format!("madang-{}-", name.replace('/', "-"));
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
    let site = Site { folder, server: server.to_owned(), storage };
    if storage == Storage::Apart {
        fs::write(site.file("madang.toml"), databases())?;
    }
    println!("{name}: {} with data in {}", server.display(), site.folder.path().display());
    let outcome = experiment(&site).await;
    if outcome.as_ref().is_ok_and(Report::is_good) {
        return outcome;
    }
    let kept = site.folder.keep();
    let kept = kept.display();
    outcome.map(|it| it.kept(kept.to_string())).with_context(|| format!("data kept in {kept}"))
}

impl Site {
    /// How the server is started here, with these flags beside.
    pub fn launch(&self, flags: &[&str]) -> Launch {
        Launch {
            server: self.server.clone(),
            folder: self.folder.path().to_owned(),
            port: 0,
            flags: flags.iter().map(ToString::to_string).collect(),
            env: Vec::new(),
            open_files: None,
        }
    }

    /// Where the databases are.
    pub fn data(&self) -> PathBuf {
        self.launch(&[]).data()
    }

    /// A file for whoever wants to know more.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the data are.
    pub fn storage(&self) -> Storage {
        self.storage
    }

    /// The file in which a context has its journal.
    pub fn database(&self, context: &str) -> PathBuf {
        let name = match self.storage {
            Storage::One => "repair.sqlite".to_owned(),
            Storage::Apart => format!("{context}.sqlite"),
        };
        self.data().join(name)
    }
}

/// The settings that give each context a database of its own.
fn databases() -> String {
    let each = CONTEXTS.map(|it| format!("[contexts.{it}]\ndatabase = \"{it}.sqlite\"\n"));
    each.concat()
}

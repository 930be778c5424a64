//! The place of one experiment: a folder that goes when all is well.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{Report, process::Launch};

/// The place of one experiment.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    server: PathBuf,
}

/// Conducts an experiment in a place of its own, which stays when something is not as it should
/// be.
pub async fn conduct(
    name: &str,
    server: &Path,
    experiment: impl AsyncFnOnce(&Site) -> Result<Report>,
) -> Result<Report> {
    let folder = tempfile::Builder::new().prefix(&format!("madang-{name}-")).tempdir()?;
    let site = Site { folder, server: server.to_owned() };
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
}

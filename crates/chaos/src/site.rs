//! The place of one experiment: a folder that goes when all is well.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use postgres_for_tests::Server;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::{
    Report,
    process::{Launch, Stored},
    proxy::Way,
};

/// The contexts of the centre.
pub const CONTEXTS: [&str; 5] = ["request", "service", "stock", "payment", "progress"];

/// Where the data are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// One embedded database.
    One,
    /// An embedded database for each context.
    Apart,
    /// An embedded database for each context, and a process too.
    Processes,
    /// A database of a `PostgreSQL` of its own.
    Postgres,
}

/// The place of one experiment.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    server: PathBuf,
    storage: Storage,
    postgres: Option<Postgres>,
}

/// A server of databases, one of its databases, and the way there.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub server: Server,
    pub url: String,
    pub way: Way,
}

/// Conducts an experiment in a place of its own, which stays when something is not as it should
/// be.
///
/// # Errors
///
/// When it cannot be brought to its end; the place stays then too.
pub async fn conduct(
    name: &str,
    server: &Path,
    storage: Storage,
    experiment: impl AsyncFnOnce(&Site) -> Result<Report>,
) -> Result<Report> {
    let prefix = format!("madang-{}-", name.replace('/', "-"));
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
    let postgres = match storage {
        Storage::One | Storage::Apart | Storage::Processes => None,
        Storage::Postgres => Some(Postgres::start().await?),
    };
    let site = Site { folder, server: server.to_owned(), storage, postgres };
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
            store: self.postgres.as_ref().map(Postgres::stored),
            in_front_of: Vec::new(),
        }
    }

    /// The server of databases, where there is one.
    pub(crate) fn postgres(&self) -> Result<&Postgres> {
        self.postgres.as_ref().context("a PostgreSQL")
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
            Storage::One | Storage::Postgres => "repair.sqlite".to_owned(),
            Storage::Apart => format!("{context}.sqlite"),
            Storage::Processes => format!("repair-{context}.sqlite"),
        };
        self.data().join(name)
    }
}

impl Postgres {
    /// One that nobody else uses.
    async fn start() -> Result<Self> {
        let started = spawn_blocking(|| {
            let server = Server::private().map_err(anyhow::Error::msg)?;
            let url = server.fresh_database();
            anyhow::Ok((server, url))
        });
        let (server, url) = started.await??;
        let host = url.split('@').nth(1).and_then(|it| it.split('/').next());
        let way = Way::to(host.context("a host")?.parse()?).await?;
        Ok(Self { server, url, way })
    }

    /// How the server of the centre is told of it, over the way, and how we get there ourselves.
    fn stored(&self) -> Stored {
        let (before, rest) = self.url.split_once('@').unwrap_or_default();
        let database = rest.split_once('/').map(|(_, it)| it).unwrap_or_default();
        let over = format!("{before}@{}/{database}", self.way.address);
        Stored { over, straight: self.url.clone() }
    }
}

/// The settings that give each context a database of its own.
fn databases() -> String {
    let each = CONTEXTS.map(|it| format!("[contexts.{it}]\ndatabase = \"{it}.sqlite\"\n"));
    each.concat()
}

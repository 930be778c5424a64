//! A process for each context and a gateway in front of them, which can be killed one by one.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::{
    process::{Child, Command},
    time::{Instant, timeout},
};

use crate::{
    chance::Chance,
    client::{Ask, Client},
    site::{CONTEXTS, Site},
    wait::{PATIENCE, until},
};

/// Who has lived so long is started again at once, whoever looks after it.
const WELL: Duration = Duration::from_secs(10);
/// The process that is no context.
pub const GATEWAY: &str = "gateway";

/// All of them, ready for work. Dropped, they are killed.
#[derive(Debug)]
pub struct Deployment {
    /// The one address for everybody.
    pub gateway: SocketAddr,
    /// The one for operators.
    pub operators: SocketAddr,
    log: PathBuf,
    child: Child,
    /// Since when each of them lives.
    since: BTreeMap<&'static str, Instant>,
}

impl Deployment {
    /// Starts them with these flags beside, and waits until all are ready.
    pub async fn start(site: &Site, flags: &[&str]) -> Result<Self> {
        let launch = site.launch(&[]);
        let out = site.file("greeting");
        let mut command = Command::new(&launch.server);
        command.args(["apart", "repair", "--context-ports", "0", "--listen", "127.0.0.1:0"]);
        // All clients have one address here.
        command.args(["--operators", "127.0.0.1:0", "--rate", "0"]).args(flags);
        command.arg("--data").arg(launch.data());
        command.current_dir(&launch.folder).env_clear().kill_on_drop(true).stdin(Stdio::null());
        let log = File::options().create(true).append(true).open(launch.log())?;
        command.stdout(File::create(&out)?).stderr(log);
        let child = command.spawn().context("they cannot be started")?;
        let greeting = until("a greeting", async || {
            let text = fs::read_to_string(&out)?;
            Ok(text.contains("madang case").then_some(text))
        })
        .await?;
        let at = |name: &str| -> Result<SocketAddr> {
            let line = greeting.lines().find_map(|it| it.split_once(name)).context("a line")?.1;
            let address = line.trim().trim_start_matches("http://");
            Ok(address.split('/').next().unwrap_or_default().parse()?)
        };
        let (gateway, operators) = (at("· gateway")?, at("· operators")?);
        let now = Instant::now();
        let since = CONTEXTS.into_iter().chain([GATEWAY]).map(|it| (it, now)).collect();
        let all = Self { gateway, operators, log: launch.log(), child, since };
        all.are_ready().await?;
        Ok(all)
    }

    /// One of those that have lived for a while, as soon as there is one.
    pub async fn one_of_old(&self, chance: &mut Chance) -> Result<&'static str> {
        until("somebody has lived for a while", async || {
            let old: Vec<_> = self.since.iter().filter(|(_, it)| it.elapsed() > WELL).collect();
            let count = u64::try_from(old.len())?;
            let one = if count == 0 { None } else { Some(usize::try_from(chance.below(count))?) };
            Ok(one.and_then(|one| old.get(one)).map(|(name, _)| **name))
        })
        .await
    }

    /// As if the power of one of them failed; how long it takes until all are ready again.
    pub async fn kill(&mut self, name: &'static str) -> Result<Duration> {
        let began = Instant::now();
        let process = self.process(name)?;
        self.signal(name, "KILL").await?;
        until("it is started again", async || Ok((self.process(name)? != process).then_some(())))
            .await?;
        self.since.insert(name, Instant::now());
        self.are_ready().await?;
        Ok(began.elapsed())
    }

    /// Sends one of them a signal.
    pub async fn signal(&self, name: &str, signal: &str) -> Result<()> {
        let process = self.process(name)?.to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status().await?;
        ensure!(sent.success(), "{name} cannot be sent {signal}");
        Ok(())
    }

    /// Waits until the gateway finds all of them ready.
    pub async fn are_ready(&self) -> Result<()> {
        until("all are ready", async || {
            let answer = Client::new(false).send(self.gateway, &Ask::get("/readyz")).await;
            Ok(answer.is_ok_and(|it| it.status == 200).then_some(()))
        })
        .await
    }

    /// Asks all of them to end; how long that takes, and what is said.
    pub async fn end(mut self) -> Result<(Duration, ExitStatus)> {
        let began = Instant::now();
        let id = self.child.id().context("they have ended already")?.to_string();
        Command::new("kill").args(["-s", "TERM", &id]).status().await?;
        let ended = timeout(PATIENCE, self.child.wait()).await.context("they do not end")??;
        Ok((began.elapsed(), ended))
    }

    /// The number of the process that serves a context now.
    fn process(&self, name: &str) -> Result<u32> {
        let log = fs::read_to_string(&self.log)?;
        let mark = format!("context=\"{name}\" process=");
        let last = log.rsplit_once(&mark).with_context(|| format!("a process of {name}"))?.1;
        Ok(last.split_whitespace().next().unwrap_or_default().parse()?)
    }
}

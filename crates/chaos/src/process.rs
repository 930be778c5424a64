//! The server as a process that can be started, asked to end, and killed.

use std::{
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::{Instant, sleep, timeout},
};

use crate::{
    client::{Ask, Client},
    records::Records,
    wait::{PATIENCE, until},
};

/// How the server is started.
#[derive(Debug, Clone)]
pub struct Launch {
    pub server: PathBuf,
    pub folder: PathBuf,
    /// 0 for any that is free.
    pub port: u16,
    pub flags: Vec<String>,
    /// What its environment holds; nothing else of ours comes along.
    pub env: Vec<(&'static str, String)>,
    /// How many files it may have open, where that is less than usual.
    pub open_files: Option<u32>,
    /// The database of a server, where it has its data there.
    pub store: Option<Stored>,
    /// Where those are that it stands in front of, if it is a gateway.
    pub in_front_of: Vec<SocketAddr>,
}

/// A database of a server: how the centre gets there, and how we do.
#[derive(Debug, Clone)]
pub struct Stored {
    pub over: String,
    pub straight: String,
}

/// The server, ready for work. Dropped, it is killed.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    /// From its start until it said that it is ready.
    pub ready_after: Duration,
    child: Child,
    _out: BufReader<ChildStdout>,
}

impl Launch {
    /// Where its databases are.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it has written, and what the payment provider has.
    pub fn records(&self) -> Result<Records> {
        let mut records = Records::read(&self.data())?;
        if let Some(Stored { straight, .. }) = &self.store {
            records.add_from_server(straight)?;
        }
        Ok(records)
    }

    /// Where its log is, of all its lives.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Starts it, and waits until it is ready.
    pub async fn start(&self) -> Result<Server> {
        self.start_or_end().await?.context("the server ends instead of getting ready; see its log")
    }

    /// Starts it, and waits until it is ready, or has ended before that.
    pub async fn start_or_end(&self) -> Result<Option<Server>> {
        let began = Instant::now();
        let mut child = self.spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("its output")?);
        let address = timeout(PATIENCE, greeted(&mut out)).await;
        let Some(address) = address.context("the server does not greet")?? else {
            timeout(PATIENCE, child.wait()).await.context("it neither greets nor ends")??;
            return Ok(None);
        };
        let is_ready = until("the server is ready", async || {
            let answer = Client::new(true).send(address, &Ask::get("/readyz")).await;
            let is_ready = answer.is_ok_and(|it| it.status == 200);
            Ok((is_ready || child.try_wait()?.is_some()).then_some(is_ready))
        })
        .await?;
        let ready_after = began.elapsed();
        Ok(is_ready.then_some(Server { address, ready_after, child, _out: out }))
    }

    /// As it is, with this in its environment.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// Starts it with the expectation that it ends by itself; how, how soon, and what it said.
    pub async fn run_to_the_end(&self) -> Result<(ExitStatus, String)> {
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = timeout(PATIENCE, command.output()).await.context("it goes on and on")??;
        let said = [ended.stdout, ended.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        Ok((ended.status, said.concat()))
    }

    /// Starts it, and kills it so soon that it may not be ready.
    pub async fn start_in_vain(&self, after: Duration) -> Result<()> {
        let mut child = self.spawn()?;
        sleep(after).await;
        Ok(child.kill().await?)
    }

    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command.spawn().context("the server cannot be started")
    }

    /// Nothing of our environment comes along.
    fn command(&self) -> Command {
        let mut command = match self.open_files {
            None => Command::new(&self.server),
            Some(most) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")]);
                shell.arg(&self.server);
                shell
            }
        };
        let listen = format!("127.0.0.1:{}", self.port);
        if self.in_front_of.is_empty() {
            command.args(["serve", "repair", "--listen", &listen]);
            command.arg("--data").arg(self.data());
        } else {
            let at: Vec<_> = self.in_front_of.iter().map(ToString::to_string).collect();
            command.args(["gateway", "repair", "--listen", &listen, "--at", &at.join(",")]);
            // All clients have one address here.
            command.args(["--operators", "127.0.0.1:0", "--rate", "0"]);
        }
        command.args(&self.flags);
        command.current_dir(&self.folder).env_clear().kill_on_drop(true);
        if let Some(Stored { over, .. }) = &self.store {
            command.env("MADANG_STORE", over);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Server {
    /// As if the power failed: it can do nothing about it.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to end; how long that takes, and what it says.
    pub async fn end(mut self) -> Result<(Duration, ExitStatus)> {
        let began = Instant::now();
        self.signal("TERM").await?;
        let ended = timeout(PATIENCE, self.child.wait()).await.context("it does not end")??;
        Ok((began.elapsed(), ended))
    }

    /// Sends it a signal, such as `STOP`.
    pub async fn signal(&self, signal: &str) -> Result<()> {
        let id = self.id()?.to_string();
        let asked = Command::new("kill").args(["-s", signal, &id]).status().await?;
        ensure!(asked.success(), "it cannot be sent {signal}");
        Ok(())
    }

    /// Its number in the system.
    pub fn id(&self) -> Result<u32> {
        self.child.id().context("it has ended already")
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(timeout(PATIENCE, self.child.wait()).await.context("it does not end")??)
    }

    /// Whether it is still there.
    pub fn is_alive(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }
}

/// A port that no client of this machine is given by chance: one that is should neither be taken
/// while the server is away, nor end up talking to itself.
pub fn quiet_port() -> Result<u16> {
    let first = 20_000 + u16::try_from(std::process::id() % 8_000)?;
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..first + 2_000).find(free).context("there is no free port")
}

/// Reads until it says where it is, or says no more.
async fn greeted(out: &mut BufReader<ChildStdout>) -> Result<Option<SocketAddr>> {
    let mut line = String::new();
    loop {
        line.clear();
        if out.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if let Some((_, rest)) = line.split_once("http://") {
            let address = rest.split(|it: char| it == '/' || it.is_whitespace()).next();
            return address.unwrap_or_default().parse().map(Some).context("an address");
        }
    }
}

//! Servers as processes: ours, and the bare ones it is measured by.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::load::{Template, once, until};

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_mins(10);

/// A server, ready for work. Dropped, it is killed.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it was ready.
    pub ready_after: Duration,
    child: Child,
    _out: BufReader<ChildStdout>,
}

impl Server {
    /// The real program, with its data in this folder.
    pub fn madang(program: &Path, data: &Path, flags: &[&str]) -> Result<Self> {
        fs::create_dir_all(data)?;
        let mut command = Command::new(program);
        command.args(["serve", "repair", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        command.args(flags).env_clear();
        let log = File::options().create(true).append(true).open(data.join("server.log"))?;
        Self::start(command.stderr(log), Some("/readyz"))
    }

    /// A bare one: this very program, in another role.
    pub fn bare(kind: &str, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::start(command.arg("ceiling").arg(kind).args(arguments), None)
    }

    fn start(command: &mut Command, ready: Option<&str>) -> Result<Self> {
        let began = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("{command:?} cannot be started"))?;
        let mut out = BufReader::new(child.stdout.take().context("its output")?);
        let address = greeted(&mut out).with_context(|| format!("{command:?}"))?;
        let mut server = Self { address, ready_after: Duration::ZERO, child, _out: out };
        if let Some(path) = ready {
            let ask = Template::get(path);
            let is_ready = || Ok(once(address, &ask, 0).is_ok_and(|(status, _)| status == 200));
            until("the server is ready", PATIENCE, is_ready)?;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// The memory it has in use, in bytes.
    pub fn memory(&self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:")).context("its memory")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    /// The processor time its threads have used.
    pub fn worked(&self) -> Result<Duration> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanos += text.split(' ').next().context("its processor time")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// The processor time since it had worked so long, for each of so many, in microseconds.
    pub fn cost(&self, before: Duration, count: u64) -> Result<f64> {
        Ok(self.worked()?.saturating_sub(before).as_secs_f64() * 1e6 / count as f64)
    }

    /// As if the power failed.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) -> Result<()> {
        let id = self.child.id().to_string();
        ensure!(Command::new("kill").args(["-s", "TERM", &id]).status()?.success());
        ensure!(self.child.wait()?.success(), "the server did not end well");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until it says where it is.
fn greeted(out: &mut BufReader<ChildStdout>) -> Result<SocketAddr> {
    let mut line = String::new();
    loop {
        line.clear();
        ensure!(out.read_line(&mut line)? > 0, "it ends instead of greeting");
        if let Some((_, rest)) = line.split_once("http://") {
            let address = rest.split(|it: char| it == '/' || it.is_whitespace()).next();
            return address.unwrap_or_default().parse().context("an address");
        }
    }
}

/// The program that is measured.
pub fn program() -> Result<PathBuf> {
    chaos::binary::build(true)
}

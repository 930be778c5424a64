//! A server that was started for one process.

use std::{
    fs::{self, File},
    io,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

use crate::programs::Programs;

/// The role that may do everything, and its password.
const ROLE: &str = "madang";
const PASSWORD: &str = "only-for-tests";

/// A server that was started for one process.
#[derive(Debug)]
pub struct Private {
    programs: Programs,
    port: u16,
    home: PathBuf,
    server: Mutex<Option<Child>>,
    /// Ends the server and takes its folder away when this process is gone,
    /// however it went: it waits for the end of its input.
    _sweeper: Child,
}

impl Private {
    /// Makes a new one and starts it.
    pub fn start() -> Result<Self, String> {
        let programs = Programs::find()?;
        let made = Self::make(programs).map_err(|error| error.to_string())?;
        made.initialize()?;
        made.run()?;
        Ok(made)
    }

    /// Its address, up to the name of a database.
    pub fn base(&self) -> String {
        format!("postgres://{ROLE}:{PASSWORD}@127.0.0.1:{}/", self.port)
    }

    /// Starts it, where it is not running.
    pub fn run(&self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.home.join("log"));
        let log = log.map_err(|error| error.to_string())?;
        let mut command = self.programs.command("postgres", &self.home);
        command.args(["-D", "data", "-p", &self.port.to_string(), "-k", "."]);
        let set = ["fsync=on", "listen_addresses=127.0.0.1", "max_connections=200"];
        let more = ["shared_buffers=32MB", "log_min_messages=warning", "max_wal_size=256MB"];
        for setting in set.into_iter().chain(more) {
            command.args(["-c", setting]);
        }
        let output = log.try_clone().map_err(|error| error.to_string())?;
        let server = command.stdin(Stdio::null()).stdout(output).stderr(log).spawn();
        *self.lock() = Some(server.map_err(|error| error.to_string())?);
        Ok(())
    }

    /// All its processes end at once.
    pub fn crash(&self) {
        if let Some(mut server) = self.lock().take() {
            signal("QUIT", &[server.id()]);
            server.wait().expect("the server ends");
        }
    }

    /// The one that makes processes first, so that there are no new ones.
    pub fn pause(&self) {
        if let Some(server) = &*self.lock() {
            signal("STOP", &[server.id()]);
            signal("STOP", &children(server.id()));
        }
    }

    /// The other way round.
    pub fn resume(&self) {
        if let Some(server) = &*self.lock() {
            signal("CONT", &children(server.id()));
            signal("CONT", &[server.id()]);
        }
    }

    fn make(programs: Programs) -> io::Result<Self> {
        let home = TempDir::with_prefix("postgres-")?.keep();
        if let Some((user, group)) = programs.user {
            chown(&home, Some(user), Some(group))?;
        }
        let mut sweeper = Command::new("sh");
        sweeper.current_dir("/").arg("-c").arg(SWEEP).arg(&home);
        let sweeper = sweeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let sweeper = sweeper.spawn()?;
        // Whoever takes it between now and the start is unlucky; and so are we.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { programs, port, home, server: Mutex::new(None), _sweeper: sweeper })
    }

    fn initialize(&self) -> Result<(), String> {
        let told = |error: io::Error| error.to_string();
        fs::write(self.home.join("password"), PASSWORD).map_err(told)?;
        let mut command = self.programs.command("initdb", &self.home);
        command.args(["-D", "data", "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        command.args(["--auth=scram-sha-256", "--pwfile=password"]);
        let done = command.stdin(Stdio::null()).output().map_err(told)?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr);
        Err(format!("initdb: {}", said.lines().last().unwrap_or("no reason given")))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.resume();
        self.crash();
    }
}

/// The first line of the file is the process that makes all others.
const SWEEP: &str = r#"
read -r _
if [ -f "$0/data/postmaster.pid" ]; then
    read -r server < "$0/data/postmaster.pid"
    kill -CONT "$server" $(cat /proc/"$server"/task/*/children)
    kill -QUIT "$server"
    while kill -0 "$server"; do sleep 0.05; done
fi
rm -rf "$0"
"#;

fn children(of: u32) -> Vec<u32> {
    let path = format!("/proc/{of}/task/{of}/children");
    let text = fs::read_to_string(Path::new(&path)).unwrap_or_default();
    text.split_whitespace().filter_map(|it| it.parse().ok()).collect()
}

fn signal(name: &str, processes: &[u32]) {
    for process in processes {
        // One that has ended meanwhile needs no signal.
        let kill = format!("kill -{name} {process} 2>/dev/null");
        Command::new("sh").args(["-c", &kill]).status().expect("a shell to send signals with");
    }
}

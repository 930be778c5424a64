//! A broker that was started for one process.

use std::{
    fs::{self, File},
    io,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

use crate::programs::Programs;

/// A broker that was started for one process.
#[derive(Debug)]
pub struct Private {
    programs: Programs,
    port: u16,
    home: PathBuf,
    broker: Mutex<Option<Child>>,
    /// Ends the broker and takes its folder away when this process is gone,
    /// however it went: it waits for the end of its input.
    _sweeper: Child,
}

impl Private {
    /// Makes a new one and starts it.
    pub fn start() -> Result<Self, String> {
        let programs = Programs::find()?;
        let made = Self::make(programs).map_err(|error| error.to_string())?;
        made.format()?;
        made.run()?;
        Ok(made)
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it, where it is not running.
    pub fn run(&self) -> Result<(), String> {
        let told = |error: io::Error| error.to_string();
        let log = File::options().create(true).append(true).open(self.home.join("log"));
        let log = log.map_err(told)?;
        let mut command = self.programs.command("kafka.Kafka", &self.home);
        let output = log.try_clone().map_err(told)?;
        command.arg("settings").stdin(Stdio::null()).stdout(output).stderr(log);
        let broker = command.spawn().map_err(told)?;
        fs::write(self.home.join("process"), format!("{}\n", broker.id())).map_err(told)?;
        *self.lock() = Some(broker);
        Ok(())
    }

    /// Ends it, and waits until it has ended.
    pub fn end(&self, signal: &str) {
        self.signal(signal);
        if let Some(mut broker) = self.lock().take() {
            broker.wait().expect("the broker ends");
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        if let Some(broker) = &*self.lock() {
            // One that has ended meanwhile needs no signal.
            let kill = format!("kill -{name} {} 2>/dev/null", broker.id());
            Command::new("sh").args(["-c", &kill]).status().expect("a shell to send signals with");
        }
    }

    /// Whether it has not ended by itself.
    pub fn is_alive(&self) -> bool {
        self.lock().as_mut().is_some_and(|broker| matches!(broker.try_wait(), Ok(None)))
    }

    /// What it said last, as the end of a sentence.
    pub fn last_line(&self) -> String {
        let log = fs::read_to_string(self.home.join("log")).unwrap_or_default();
        log.lines().last().map(|line| format!("; it said: {line}")).unwrap_or_default()
    }

    fn make(programs: Programs) -> io::Result<Self> {
        let home = TempDir::with_prefix("kafka-")?.keep();
        let mut sweeper = Command::new("sh");
        sweeper.current_dir("/").arg("-c").arg(SWEEP).arg(&home);
        let sweeper = sweeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let sweeper = sweeper.spawn()?;
        // Whoever takes them between now and the start is unlucky; and so are we.
        let (one, other) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let (port, inner) = (one.local_addr()?.port(), other.local_addr()?.port());
        fs::write(home.join("settings"), settings(port, inner))?;
        fs::write(home.join("log4j.properties"), LOG)?;
        Ok(Self { programs, port, home, broker: Mutex::new(None), _sweeper: sweeper })
    }

    fn format(&self) -> Result<(), String> {
        let mut command = self.programs.command("kafka.tools.StorageTool", &self.home);
        command.args(["format", "-t", "bWFkYW5nLWZvci10ZXN0cw", "-c", "settings"]);
        let done = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr);
        Err(format!("its storage: {}", said.lines().last().unwrap_or("no reason given")))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.broker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.end("KILL");
    }
}

/// A broker and its own controller in one process. What it has taken is in the
/// system's memory at least: the process may be killed, the computer not.
fn settings(port: u16, inner: u16) -> String {
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{inner}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{inner}\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         log.dirs=data\n\
         auto.create.topics.enable=false\n\
         offsets.topic.replication.factor=1\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         group.initial.rebalance.delay.ms=0\n\
         log.retention.check.interval.ms=1000\n"
    )
}

const LOG: &str = "\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %m (%c)%n
";

const SWEEP: &str = r#"
read -r _
if [ -f "$0/process" ]; then
    read -r broker < "$0/process"
    kill -KILL "$broker"
    while kill -0 "$broker"; do sleep 0.05; done
fi
rm -rf "$0"
"#;

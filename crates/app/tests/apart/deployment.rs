//! `madang apart` as somebody starts it.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use ureq::{Agent, http::Request};

/// When a test gives up waiting.
const DEADLINE: Duration = Duration::from_mins(1);

/// Five processes, a gateway in front of them, and the one that looks after them.
pub struct Deployment {
    pub folder: TempDir,
    child: Child,
    urls: BTreeMap<String, String>,
    /// The one address of everybody.
    gateway: String,
    /// Whether everybody is asked there.
    is_one: bool,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// A command in a folder; nothing of the environment comes along.
pub fn madang(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
    command.current_dir(folder).env_clear().stdin(Stdio::null()).args(args);
    command
}

/// Looks again and again until it is so.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what} does not come about");
        std::thread::yield_now();
    }
}

impl Deployment {
    /// On ports that were free, in a folder of its own.
    pub fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (out, log) = (folder.path().join("out"), folder.path().join("log"));
        let mut command = madang(folder.path(), &["apart", "repair", "--context-ports", "0"]);
        command.args(["--listen", "127.0.0.1:0", "--operators", "127.0.0.1:0", "--rate", "0"]);
        command.args(args);
        command.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let greeting = until("a greeting", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("{status}: {}", fs::read_to_string(&log).unwrap());
            }
            let text = fs::read_to_string(&out).unwrap();
            text.contains("madang case").then_some(text)
        });
        let urls = greeting.lines().filter_map(|line| {
            let (context, url) = line.trim().split_once(' ')?;
            let url = url.trim().strip_suffix("/repair").filter(|it| it.starts_with("http"))?;
            Some((context.to_owned(), url.to_owned()))
        });
        let urls: BTreeMap<_, _> = urls.collect();
        assert_eq!(urls.len(), 5, "{greeting}");
        let gateway = greeting.lines().find_map(|it| it.trim().strip_prefix("관문 · gateway"));
        let gateway = gateway.unwrap().trim().to_owned();
        Self { folder, child, urls, gateway, is_one: false }
    }

    /// Everybody is asked at the one address from now on.
    pub fn through_the_gateway(mut self) -> Self {
        self.is_one = true;
        self
    }

    /// What was logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// The process that serves a context now.
    pub fn process(&self, context: &str) -> u32 {
        let mark = format!("context=\"{context}\" process=");
        let log = self.log();
        let last = log.rsplit_once(&mark).unwrap().1;
        last.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// As if its power failed.
    pub fn kill(&self, context: &str) {
        signal(self.process(context), "KILL");
    }

    pub fn ask(&self, context: &str, method: &str, path: &str, body: &str) -> Option<Answer> {
        let url = if self.is_one { &self.gateway } else { &self.urls[context] };
        ask(method, &format!("{url}{path}"), body)
    }

    pub fn get(&self, context: &str, path: &str) -> Option<Answer> {
        self.ask(context, "GET", path, "")
    }

    /// Tries until the answer is this; in between there may be nobody to answer,
    /// or nobody who can.
    pub fn insist(&self, (context, method): (&str, &str), path: &str, body: &str) -> Value {
        until(path, || {
            let answer = self.ask(context, method, path, body)?;
            (200..300).contains(&answer.status).then_some(answer.body)
        })
    }

    /// Waits until a row has this in a field.
    pub fn comes_to(&self, context: &str, path: &str, (field, value): (&str, &str)) -> Value {
        until(value, || {
            let row = self.get(context, path)?.body;
            (row[field] == value).then_some(row)
        })
    }

    /// Runs a command that talks to all of them.
    pub fn run(&self, args: &[&str]) -> Output {
        let config = ["--config", "data/apart.toml"];
        madang(self.folder.path(), &[args, &config].concat()).output().unwrap()
    }

    /// Asks it to end, and waits for that.
    pub fn end(mut self) -> (ExitStatus, String) {
        signal(self.child.id(), "TERM");
        let status = until("its end", || self.child.try_wait().unwrap());
        (status, self.log())
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        // It may have ended already; those it looks after end with it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

/// Nothing when nobody answers.
pub fn ask(method: &str, url: &str, body: &str) -> Option<Answer> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let agent: Agent = config.timeout_global(Some(Duration::from_secs(10))).build().into();
    let request = Request::builder().method(method).uri(url);
    let request = request.header("Content-Type", "application/json");
    let mut answer = match method {
        "GET" => agent.run(request.body(()).unwrap()),
        _ => agent.run(request.body(body.to_owned()).unwrap()),
    }
    .ok()?;
    let body = answer.body_mut().read_to_vec().ok()?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Some(Answer { status: answer.status().as_u16(), body })
}

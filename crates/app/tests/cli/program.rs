//! The program as somebody starts it, and a server of it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use ureq::{Agent, http::Request};

/// When a test gives up waiting.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What stands in the last line of a greeting.
const LAST: &str = "madang events";

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A server with a data directory of its own.
pub struct Server {
    pub url: String,
    pub greeting: String,
    child: Child,
    _out: BufReader<ChildStdout>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// A directory to work in; nothing of the environment comes along.
pub fn madang(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(folder: &Path, args: &[&str]) -> Ran {
    Ran::of(&madang(folder).args(args).output().unwrap())
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
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

impl Ran {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// It ended so, with one line that has all of this in it.
    #[track_caller]
    pub fn says(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "one line: {self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word}: {self:?}");
        }
    }
}

impl Server {
    /// On a free port, in this folder.
    pub fn start(folder: &Path, args: &[&str]) -> Self {
        Self::at("127.0.0.1:0", folder, args)
    }

    /// At this address, in this folder.
    pub fn at(address: &str, folder: &Path, args: &[&str]) -> Self {
        let mut command = madang(folder);
        command.args(["serve", "repair", "--listen", address]).args(args);
        Self::of(command, LAST)
    }

    /// A gateway on free ports.
    pub fn gateway(folder: &Path, args: &[&str]) -> Self {
        let mut command = madang(folder);
        command.args(["gateway", "repair", "--listen", "127.0.0.1:0"]);
        command.args(["--operators", "127.0.0.1:0"]).args(args);
        Self::of(command, "madang ledger")
    }

    /// On a free port, where no file may grow beyond so many blocks of 512 bytes.
    pub fn cramped(folder: &Path, blocks: u32) -> Self {
        let script = "trap '' XFSZ; ulimit -f $0; exec \"$1\" serve repair --listen 127.0.0.1:0";
        let mut command = Command::new("sh");
        command.args(["-c", script, &blocks.to_string(), env!("CARGO_BIN_EXE_madang")]);
        command.current_dir(folder).env_clear().stdin(Stdio::null());
        Self::of(command, LAST)
    }

    fn of(mut command: Command, last: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains(last) {
            let read = out.read_line(&mut greeting).unwrap();
            assert!(read > 0, "it does not start: {greeting}");
        }
        let url = greeting.split_whitespace().find(|it| it.starts_with("http://")).unwrap();
        let url = url.trim_end_matches("/repair").to_owned();
        Self { url, greeting, child, _out: out }
    }

    /// Runs a command that talks to it.
    pub fn run(&self, args: &[&str]) -> Ran {
        run(Path::new("."), &[args, &["--url", &self.url]].concat())
    }

    pub fn get(&self, path: &str) -> Answer {
        ask("GET", &format!("{}{path}", self.url), "")
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        ask("POST", &format!("{}{path}", self.url), body)
    }

    pub fn put(&self, path: &str) -> Answer {
        ask("PUT", &format!("{}{path}", self.url), "")
    }

    /// Asks for a repair; the number of the request, when it is on the list.
    pub fn request(&self, product: &str) -> u64 {
        let body = format!(
            r#"{{"symtom":"화면이 안나와요","productId":"{product}","customerName":"Hong"}}"#
        );
        let answer = self.post("/requests", &body);
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = answer.body["id"].as_u64().unwrap();
        self.comes_to(id, "REQUESTED");
        id
    }

    /// Waits until a job has this status.
    pub fn comes_to(&self, id: u64, status: &str) {
        until(status, || {
            let job = self.get(&format!("/services/{id}"));
            (job.body["status"] == status).then_some(())
        });
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As if the power failed.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn ended(mut self) -> ExitStatus {
        until("its end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub fn ask(method: &str, url: &str, body: &str) -> Answer {
    said(method, url, body, None)
}

/// As somebody.
pub fn ask_as(who: &str, method: &str, url: &str) -> Answer {
    said(method, url, "", Some(who))
}

fn said(method: &str, url: &str, body: &str, who: Option<&str>) -> Answer {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let request = Request::builder().method(method).uri(url);
    let request = request.header("Content-Type", "application/json");
    let request = match who {
        Some(name) => request.header("X-Actor", name.as_bytes()),
        None => request,
    };
    let agent: Agent = config.into();
    let answer = match method {
        "GET" => agent.run(request.body(()).unwrap()),
        _ => agent.run(request.body(body.to_owned()).unwrap()),
    };
    let mut answer = answer.unwrap();
    let body = answer.body_mut().read_to_vec().unwrap();
    Answer {
        status: answer.status().as_u16(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

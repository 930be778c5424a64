//! Talks to a running server over its public interface.

use std::{
    env,
    io::{BufRead, BufReader},
    thread,
    time::Duration,
};

use serde_json::Value;
use ureq::{
    Agent, AsSendBody, Body,
    http::{Request, Response, request::Builder},
};

use crate::exit::{Code, OrStop, Outcome, Stop};

/// How long the server may take to be there.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an answer may take to begin; a case that is seen through takes a while.
const ANSWER: Duration = Duration::from_secs(90);
/// How often something is asked for that has a key.
const TRIES: u32 = 4;
/// The longest wait between two tries.
const WAIT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// A running server, or several over which the contexts are spread.
pub struct Client {
    agent: Agent,
    urls: Vec<String>,
    language: &'static str,
}

/// What is wanted, beside its path: who wants it and under which key.
#[derive(Debug, Default, Clone, Copy)]
pub struct Wish<'a> {
    /// A person and their role.
    pub actor: Option<(&'a str, &'a str)>,
    /// The idempotency key.
    pub key: Option<&'a str>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; nothing when it is not JSON.
    pub body: Value,
}

impl Client {
    /// The server at this address; or several, joined by commas.
    pub fn of(urls: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .build();
        let urls = urls.split(',').map(str::to_owned).collect();
        Self { agent: config.into(), urls, language: language() }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// Each of them by itself.
    pub fn each(&self) -> Vec<Self> {
        let one = |url: &String| Self {
            agent: self.agent.clone(),
            urls: vec![url.clone()],
            language: self.language,
        };
        self.urls.iter().map(one).collect()
    }

    /// What is to be seen at a path.
    pub fn get(&self, path: &str) -> Outcome<Answer> {
        self.whoever_serves(|url| {
            let answer = self.run(url, self.request(url, "GET", path, Wish::default()), ())?;
            Self::read(url, answer)
        })
    }

    /// The first of them that can answer: who serves something else says 503,
    /// and has done nothing.
    fn whoever_serves(&self, ask: impl Fn(&str) -> Outcome<Answer>) -> Outcome<Answer> {
        let Some((last, others)) = self.urls.split_last() else { return ask("") };
        for url in others {
            match ask(url) {
                Ok(answer) if answer.status != 503 => return Ok(answer),
                _ => {}
            }
        }
        ask(last)
    }

    /// Makes something, or acts on many.
    pub fn post(&self, path: &str, body: &Value, wish: Wish<'_>) -> Outcome<Answer> {
        self.send("POST", path, body, wish)
    }

    /// Acts on one.
    pub fn put(&self, path: &str, body: &Value, wish: Wish<'_>) -> Outcome<Answer> {
        self.send("PUT", path, body, wish)
    }

    /// The lines of a stream without an end, from after an event on.
    pub fn lines(
        &self,
        path: &str,
        after: Option<&str>,
    ) -> Outcome<impl Iterator<Item = String> + use<>> {
        let mut request = self
            .request(self.url(), "GET", path, Wish::default())
            .header("Accept", "text/event-stream");
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        let answer = self.run(self.url(), request, ())?;
        if answer.status() != 200 {
            return Err(Self::read(self.url(), answer)?.refused());
        }
        Ok(BufReader::new(answer.into_body().into_reader()).lines().map_while(Result::ok))
    }

    /// What has a key can be asked for again when the server cannot do it now,
    /// or does not know whether it has.
    fn send(&self, method: &str, path: &str, body: &Value, wish: Wish<'_>) -> Outcome<Answer> {
        let mut tries = if wish.key.is_some() { TRIES } else { 1 };
        loop {
            let answer = self.whoever_serves(|url| {
                let request = self.request(url, method, path, wish);
                let request = request.header("Content-Type", "application/json");
                let answer = self.run(url, request, body.to_string())?;
                Self::read(url, answer)
            })?;
            tries -= 1;
            if answer.status != 503 || tries == 0 {
                return Ok(answer);
            }
            thread::sleep(answer.wait());
        }
    }

    fn request(&self, url: &str, method: &str, path: &str, wish: Wish<'_>) -> Builder {
        let at = format!("{url}{path}");
        let mut request = Request::builder().method(method).uri(at);
        request = request.header("Accept-Language", self.language);
        if let Some((name, role)) = wish.actor {
            request = request.header("X-Actor", name.as_bytes()).header("X-Role", role);
        }
        if let Some(key) = wish.key {
            request = request.header("Idempotency-Key", key);
        }
        request
    }

    fn run(&self, url: &str, request: Builder, body: impl AsSendBody) -> Outcome<Response<Body>> {
        let request = request.body(body).or_stop(Code::Usage)?;
        self.agent.run(request).map_err(|error| away(url, &error))
    }

    fn read(url: &str, mut answer: Response<Body>) -> Outcome<Answer> {
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        let body = body.map_err(|error| away(url, &error))?;
        Ok(Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}

fn away(url: &str, error: &ureq::Error) -> Stop {
    let line = match error {
        ureq::Error::ConnectionFailed | ureq::Error::Io(_) | ureq::Error::HostNotFound => {
            format!("no server answers at {url} ({error}); start one with: madang serve")
        }
        error => format!("the server at {url} does not answer as it should: {error}"),
    };
    Stop::new(Code::Unavailable, line)
}

impl Answer {
    /// After how long it may be worth asking again.
    fn wait(&self) -> Duration {
        Duration::from_secs(self.body["retryAfter"].as_u64().unwrap_or(1)).min(WAIT)
    }

    /// The body, if the answer is yes.
    pub fn ok(self) -> Outcome<Value> {
        if (200..300).contains(&self.status) { Ok(self.body) } else { Err(self.refused()) }
    }

    /// The answer is no.
    pub fn refused(&self) -> Stop {
        let code = match self.status {
            502..=504 => Code::Unavailable,
            _ => Code::Bad,
        };
        Stop::new(code, self.sentence())
    }

    /// Why the answer is no, in a sentence.
    pub fn sentence(&self) -> String {
        let said = ["detail", "title"].iter().find_map(|it| self.body[it].as_str());
        let status = self.status;
        said.map_or_else(|| format!("the server answers {status}"), |it| format!("{it} ({status})"))
    }
}

/// The language of the terminal, of the two that the server speaks.
pub fn language() -> &'static str {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = names.iter().find_map(|it| env::var(it).ok().filter(|it| !it.is_empty()));
    if locale.is_some_and(|it| it.starts_with("ko")) { "ko" } else { "en" }
}

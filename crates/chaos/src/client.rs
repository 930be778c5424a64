//! A client that knows how far a request has come when something breaks.

use std::{fmt, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{CONNECTION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

/// How long an answer may take, and a connection.
const ANSWER: Duration = Duration::from_secs(20);

/// One who asks, over one connection that is kept, or over a new one each time.
#[derive(Debug)]
pub struct Client {
    keeps: bool,
    /// How long a new connection is silent before it asks.
    hesitates: Duration,
    kept: Option<(SocketAddr, SendRequest<Full<Bytes>>)>,
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    pub by: Option<String>,
    pub key: Option<String>,
    /// How many seconds to wait for the case to settle.
    pub wait: Option<u32>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// It was answered before, under the same key.
    pub replayed: bool,
    /// In how many seconds to come back, where it says so.
    pub again: Option<u32>,
    /// Where it is no JSON, its text.
    pub body: Value,
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Broken {
    /// There was no connection.
    NotConnected(String),
    /// The request is out, and nobody knows what came of it.
    NoAnswer(String),
}

impl Client {
    /// One who keeps the connection, or does not.
    pub fn new(keeps: bool) -> Self {
        Self { keeps, hesitates: Duration::ZERO, kept: None }
    }

    /// One whose requests come later than their connections, as if from far away.
    pub fn far_away(self, hesitates: Duration) -> Self {
        Self { hesitates, ..self }
    }

    /// Asks. A kept connection that has ended meanwhile is replaced, if not a byte of the
    /// request has gone out.
    pub async fn send(&mut self, to: SocketAddr, ask: &Ask) -> Result<Answer, Broken> {
        timeout(ANSWER, self.exchange(to, ask)).await.unwrap_or_else(|_| {
            self.kept = None;
            Err(Broken::NoAnswer(format!("no answer within {} s", ANSWER.as_secs())))
        })
    }

    async fn exchange(&mut self, to: SocketAddr, ask: &Ask) -> Result<Answer, Broken> {
        let mut request = ask.request(to, self.keeps).map_err(|it| Broken::no_answer(&it))?;
        if let Some((at, mut sender)) = self.kept.take()
            && at == to
            && sender.ready().await.is_ok()
        {
            match sender.try_send_request(request).await {
                Ok(answer) => return self.received(to, sender, answer).await,
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Broken::no_answer(&error.into_error())),
                },
            }
        }
        let mut sender = connected(to).await?;
        sleep(self.hesitates).await;
        let answer = sender.send_request(request).await.map_err(|it| Broken::no_answer(&it))?;
        self.received(to, sender, answer).await
    }

    async fn received(
        &mut self,
        at: SocketAddr,
        sender: SendRequest<Full<Bytes>>,
        answer: Response<Incoming>,
    ) -> Result<Answer, Broken> {
        let status = answer.status().as_u16();
        let says = |name, value: &str| {
            answer.headers().get(name).is_some_and(|it| it.as_bytes() == value.as_bytes())
        };
        let again = answer.headers().get("retry-after").and_then(|it| it.to_str().ok());
        let again = again.and_then(|it| it.parse().ok());
        let (replayed, closes) = (says("idempotent-replayed", "true"), says("connection", "close"));
        let body = answer.into_body().collect().await.map_err(|it| Broken::no_answer(&it))?;
        let body = body.to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
        let body = serde_json::from_slice(&body).unwrap_or_else(|_| text());
        if self.keeps && !closes {
            self.kept = Some((at, sender));
        }
        Ok(Answer { status, replayed, again, body })
    }
}

async fn connected(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>, Broken> {
    let not_connected = |it: &dyn fmt::Display| Broken::NotConnected(it.to_string());
    let socket = timeout(ANSWER, TcpStream::connect(to)).await;
    let socket = socket.map_err(|it| not_connected(&it))?.map_err(|it| not_connected(&it))?;
    socket.set_nodelay(true).map_err(|it| not_connected(&it))?;
    let (sender, connection) =
        handshake(TokioIo::new(socket)).await.map_err(|it| not_connected(&it))?;
    // What goes wrong with it, the request hears.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

impl Ask {
    /// To see something.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), ..Self::default() }
    }

    /// To begin something.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: "POST", path: path.into(), body: Some(body), ..Self::default() }
    }

    /// To have something done.
    pub fn put(path: impl Into<String>) -> Self {
        Self { method: "PUT", path: path.into(), ..Self::default() }
    }

    /// Asked by this person.
    pub fn by(mut self, name: &str) -> Self {
        self.by = Some(name.to_owned());
        self
    }

    fn request(
        &self,
        to: SocketAddr,
        keeps: bool,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        request = request.header(HOST, to.to_string()).header("accept-language", "en");
        if !keeps {
            request = request.header(CONNECTION, "close");
        }
        if let Some(by) = &self.by {
            request = request.header("x-actor", by);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(seconds) = self.wait {
            request = request.header("prefer", format!("wait={seconds}"));
        }
        match &self.body {
            None => request.body(Full::default()),
            Some(body) => {
                let body = Full::from(body.to_string());
                request.header(CONTENT_TYPE, "application/json").body(body)
            }
        }
    }
}

impl Answer {
    /// What kind of no it is: the end of the problem's type.
    pub fn problem(&self) -> &str {
        self.body["type"].as_str().and_then(|it| it.strip_prefix("/problems/")).unwrap_or_default()
    }

    /// The sentence that says why not.
    pub fn sentence(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}

impl Broken {
    fn no_answer(error: &dyn std::error::Error) -> Self {
        let cause = error.source().map(|it| format!(": {it}")).unwrap_or_default();
        Self::NoAnswer(format!("{error}{cause}"))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected(why) => write!(f, "no connection: {why}"),
            Self::NoAnswer(why) => write!(f, "no answer: {why}"),
        }
    }
}

impl std::error::Error for Broken {}

//! Asks the other processes of the deployment.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use kernel::{Event, Key, System};
use runtime::{
    Failure,
    ports::{Asked, Clock, Count, Elsewhere, Neighbours, Pending},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    Keys, LEFT, Target,
    door::{Counted, Wanted, Whom},
    said,
};

/// How long a page of a journal may take.
const PAGE: Duration = Duration::from_secs(5);
/// How long a connection may take, and how long one may lie idle. The other side
/// keeps idle ones longer.
const CONNECT: Duration = Duration::from_millis(500);
const IDLE: Duration = Duration::from_secs(10);
/// The longest answer, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// The other processes of the deployment.
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    targets: BTreeMap<String, Target>,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    names: cloud_events::Names,
}

struct Wish<'a> {
    context: &'a str,
    method: Method,
    path: String,
    body: Bytes,
    deadline: Instant,
}

impl Client {
    /// Other contexts, by name, of this system.
    #[must_use]
    pub fn of(
        system: &System,
        targets: BTreeMap<String, Target>,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self { pool, targets, keys, clock, names: cloud_events::Names::of(system) }
    }

    async fn call(&self, wish: Wish<'_>) -> Result<Bytes, Failure> {
        let who = wish.context;
        let nobody = || Failure::unavailable(who, "nobody said where it is served");
        let target = self.targets.get(who).ok_or_else(nobody)?;
        let deadline = wish.deadline;
        let answered = timeout_at(deadline, self.send(target, wish)).await;
        let late = |_| Failure::unavailable(who, "no answer in time");
        let (status, body) = answered.map_err(late)?.map_err(|why| {
            target.failed();
            Failure::unavailable(who, why)
        })?;
        if status.is_success() { Ok(body) } else { Err(said::heard(who, status, &body)) }
    }

    async fn send(&self, target: &Target, wish: Wish<'_>) -> Result<(StatusCode, Bytes), String> {
        let address = target.next().await.map_err(|error| error.to_string())?;
        let left = wish.deadline.saturating_duration_since(Instant::now());
        let request = Request::builder()
            .method(wish.method)
            .uri(format!("http://{address}{}", wish.path))
            .header(header::HOST, target.host())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.keys.token(self.clock.now())))
            .header(LEFT, left.as_millis().to_string())
            .body(Full::new(wish.body))
            .map_err(|error| error.to_string())?;
        let answer = self.pool.request(request).await.map_err(|error| chain(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST).collect().await;
        Ok((status, body.map_err(|error| chain(&*error))?.to_bytes()))
    }

    async fn journal<T: serde::de::DeserializeOwned>(
        &self,
        context: &str,
        what: &str,
        wanted: &Wanted,
    ) -> Result<T, Failure> {
        let body = self.page(context, what, wanted).await?;
        let unreadable = |error| Failure::fault(format!("{context} was not understood: {error}"));
        serde_json::from_slice(&body).map_err(unreadable)
    }

    async fn page(&self, context: &str, what: &str, wanted: &Wanted) -> Result<Bytes, Failure> {
        let Wanted { after, limit, names } = wanted;
        let path = format!("/between/{context}/{what}?after={after}&limit={limit}&names={names}");
        let deadline = Instant::now() + PAGE;
        self.call(Wish { context, method: Method::GET, path, body: Bytes::new(), deadline }).await
    }
}

impl Neighbours for Client {
    fn ask<'a>(
        &'a self,
        asked: &'a Asked,
        deadline: Instant,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move {
            let Asked { context, question, of, body } = asked;
            let whom = match of {
                Key::Number(number) => Whom { number: Some(*number), name: None },
                Key::Name(name) => Whom { number: None, name: Some(name.clone()) },
            };
            let query = match (&whom.number, &whom.name) {
                (Some(number), _) => format!("number={number}"),
                (None, name) => format!("name={}", escaped(name.as_deref().unwrap_or_default())),
            };
            let path = format!("/between/{context}/questions/{question}?{query}");
            let body = Bytes::copy_from_slice(body);
            let wish = Wish { context, method: Method::POST, path, body, deadline };
            Ok(self.call(wish).await?.to_vec())
        })
    }
}

impl Elsewhere for Client {
    fn events<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move {
            let wanted = Wanted { after, limit, names: String::new() };
            let page = self.page(context, "events", &wanted).await?;
            let unreadable = |flaw| Failure::fault(format!("the journal of {context}: {flaw}"));
            let events = cloud_events::read_page(&self.names, &page).map_err(unreadable)?;
            let follows =
                events.iter().zip(after + 1..).all(|(event, next)| event.position == next);
            let broken = || Failure::fault(format!("the journal of {context} has a gap"));
            if follows { Ok(events) } else { Err(broken()) }
        })
    }

    fn count<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        names: &'a [&'static str],
    ) -> Pending<'a, Result<Count, Failure>> {
        Box::pin(async move {
            let wanted = Wanted { after, limit: 0, names: names.join(",") };
            let Counted { head, all, after } = self.journal(context, "count", &wanted).await?;
            Ok(Count { head, all, after })
        })
    }
}

/// As it may stand in a query (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            for digit in [byte >> 4, byte & 15] {
                escaped.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    escaped
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut story = error.to_string();
    let mut cause = error.source();
    while let Some(because) = cause {
        story.push_str(": ");
        story.push_str(&because.to_string());
        cause = because.source();
    }
    story
}

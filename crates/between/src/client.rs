//! Asks the other processes of the deployment.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use kernel::{Case, Event, Key, System};
use runtime::{
    Failure,
    ports::{Asked, Clock, Count, Elsewhere, Errand, Neighbours, Pending},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    Keys, TRACE, Target,
    door::{Counted, WAIT_MAX, Wanted, Whom},
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
    trace: Option<&'a str>,
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
        let addresses = target.addresses().await.map_err(|error| error.to_string())?;
        let mut story = String::new();
        for (host, address) in addresses {
            let left = wish.deadline.saturating_duration_since(Instant::now());
            let token = self.keys.token(self.clock.now());
            let mut request = Request::builder()
                .method(wish.method.clone())
                .uri(format!("http://{address}{}", wish.path))
                .header(header::HOST, host)
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .header(rest::TIME_LEFT, left.as_millis().to_string());
            if let Some(trace) = wish.trace {
                request = request.header(TRACE, trace);
            }
            let request = request.body(Full::new(wish.body.clone()));
            let request = request.map_err(|error| error.to_string())?;
            let answer = match self.pool.request(request).await {
                Ok(answer) => answer,
                // Nothing was sent: another address may do.
                Err(error) if error.is_connect() => {
                    target.failed();
                    story = chain(&error);
                    continue;
                }
                Err(error) => return Err(chain(&error)),
            };
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST).collect().await;
            return Ok((status, body.map_err(|error| chain(&*error))?.to_bytes()));
        }
        Err(story)
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
        let Wanted { after, limit, names, case, wait } = wanted;
        let mut path = format!("/between/{context}/{what}?after={after}&limit={limit}");
        path = format!("{path}&names={names}&case={case}&wait={wait}");
        let deadline = Instant::now() + PAGE + Duration::from_millis(*wait);
        let (method, body, trace) = (Method::GET, Bytes::new(), None);
        self.call(Wish { context, method, path, body, deadline, trace }).await
    }

    async fn events(&self, context: &str, wanted: &Wanted) -> Result<Vec<Event>, Failure> {
        let page = self.page(context, "events", wanted).await?;
        let unreadable = |flaw| Failure::fault(format!("the journal of {context}: {flaw}"));
        cloud_events::read_page(&self.names, &page).map_err(unreadable)
    }

    /// The next events of a journal, without a gap.
    async fn next(&self, context: &str, wanted: &Wanted) -> Result<Vec<Event>, Failure> {
        let events = self.events(context, wanted).await?;
        let mut follows = events.iter().zip(wanted.after + 1..);
        if follows.all(|(event, next)| event.position == next) {
            return Ok(events);
        }
        Err(Failure::fault(format!("the journal of {context} has a gap")))
    }
}

impl Neighbours for Client {
    fn ask<'a>(
        &'a self,
        asked: &'a Asked,
        errand: &'a Errand,
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
            let (method, deadline) = (Method::POST, errand.deadline);
            let trace = errand.trace.as_deref();
            let wish = Wish { context, method, path, body, deadline, trace };
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
        Box::pin(
            async move { self.next(context, &Wanted { after, limit, ..Wanted::default() }).await },
        )
    }

    fn follow<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        limit: usize,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move {
            self.next(context, &Wanted { after, limit, wait: WAIT_MAX, ..Wanted::default() }).await
        })
    }

    fn events_of_case<'a>(
        &'a self,
        context: &'static str,
        case: Case,
    ) -> Pending<'a, Result<Vec<Event>, Failure>> {
        Box::pin(async move {
            let case = case.to_string();
            self.events(context, &Wanted { case, ..Wanted::default() }).await
        })
    }

    fn count<'a>(
        &'a self,
        context: &'static str,
        after: u64,
        names: &'a [&'static str],
    ) -> Pending<'a, Result<Count, Failure>> {
        Box::pin(async move {
            let wanted = Wanted { after, names: names.join(","), ..Wanted::default() };
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

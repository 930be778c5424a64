//! Where other processes of the deployment come in.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use kernel::{Case, Event, Key};
use runtime::{
    Failure, Runtime,
    ports::{Clock, Errand},
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::{Keys, TRACE, said};

/// Below this path there is nothing for anybody else.
pub const PATH: &str = "/between";
/// How many events a page holds at the most.
const PAGE: usize = 1000;
/// How long somebody may wait for the next event, in milliseconds.
pub const WAIT_MAX: u64 = 5_000;
/// How long an answer may take when the caller does not say.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a journal is asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// After this position.
    #[serde(default)]
    pub after: u64,
    /// At the most so many.
    #[serde(default)]
    pub limit: usize,
    /// Of these names, parted by commas.
    #[serde(default)]
    pub names: String,
    /// Of this case alone, all of them: `request/1`; else empty.
    #[serde(default)]
    pub case: String,
    /// How long to wait for the first, in milliseconds; at the most [`WAIT_MAX`].
    #[serde(default)]
    pub wait: u64,
}

/// What is counted in a journal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Counted {
    /// Its last position.
    pub head: u64,
    /// How many events of these names there are.
    pub all: u64,
    /// How many of them are after the position.
    pub after: u64,
}

/// Whom a question is about.
#[derive(Debug, Serialize, Deserialize)]
pub struct Whom {
    /// By its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// By its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The door, before it is open.
#[derive(Clone)]
pub struct Door {
    /// What is behind it.
    pub runtime: Runtime,
    /// The keys of the deployment.
    pub keys: Arc<Keys>,
    /// The clock of the machine: tokens are fresh by it, whatever the business
    /// clock says.
    pub clock: Arc<dyn Clock>,
    /// True when the process is going to stop: nobody waits for more then.
    pub ending: watch::Receiver<bool>,
}

impl Door {
    /// All of it, below [`PATH`].
    pub fn router(self) -> Router {
        Router::new()
            .route("/between/{context}/events", get(events))
            .route("/between/{context}/count", get(count))
            .route("/between/{context}/questions/{question}", post(answer))
            .layer(middleware::from_fn_with_state(self.clone(), only_our_own))
            .with_state(self)
    }
}

async fn only_our_own(State(inside): State<Door>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = token.and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
    if !inside.keys.knows(token, inside.clock.now()) {
        let why = "only processes of this deployment are answered here".to_owned();
        return (StatusCode::UNAUTHORIZED, Json(said::Said { why })).into_response();
    }
    next.run(request).await
}

async fn events(
    State(inside): State<Door>,
    Path(context): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let page = inside.events(&context, &wanted).await.and_then(|events| {
        let system = inside.runtime.system().name;
        cloud_events::page(system, &events).map_err(|flaw| Failure::fault(flaw.to_string()))
    });
    match page {
        Ok(page) => ([(header::CONTENT_TYPE, cloud_events::BATCH)], page).into_response(),
        Err(failure) => said::no(&failure),
    }
}

impl Door {
    async fn events(&self, context: &str, wanted: &Wanted) -> Result<Vec<Event>, Failure> {
        // Whoever comes to the wrong process may find the right one a little later.
        self.runtime.tail(context)?;
        self.runtime.pass(context).await?;
        if !wanted.case.is_empty() {
            let case = self.case(&wanted.case)?;
            return self.runtime.events(context, Some(case), 0, usize::MAX);
        }
        if wanted.wait > 0 {
            self.wait(context, wanted).await?;
        }
        self.runtime.events(context, None, wanted.after, wanted.limit.clamp(1, PAGE))
    }

    /// Until there is something new, or it took too long, or the process ends.
    async fn wait(&self, context: &str, wanted: &Wanted) -> Result<(), Failure> {
        let (mut heads, mut ending) = (self.runtime.tail(context)?.heads(), self.ending.clone());
        let something = async {
            tokio::select! {
                _ = heads.wait_for(|head| *head > wanted.after) => {}
                _ = ending.wait_for(|it| *it) => {}
            }
        };
        // That nothing came is an answer too.
        drop(timeout(Duration::from_millis(wanted.wait.min(WAIT_MAX)), something).await);
        Ok(())
    }

    fn case(&self, text: &str) -> Result<Case, Failure> {
        let unknown = || Failure::Unknown { what: format!("case {text}") };
        let (kind, number) = text.split_once('/').ok_or_else(unknown)?;
        let systems = [self.runtime.system(), self.runtime.away()];
        let mut known =
            systems.into_iter().flat_map(|it| &it.contexts).flat_map(|it| &it.aggregates);
        let kind = known.find(|it| it.name == kind).ok_or_else(unknown)?.name;
        Ok(Case { kind, number: number.parse().map_err(|_| unknown())? })
    }
}

async fn count(
    State(inside): State<Door>,
    Path(context): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let runtime = &inside.runtime;
    let Some(declared) = runtime.system().context(&context) else {
        return said::no(&runtime::Failure::unavailable(context, "nobody serves it here"));
    };
    let known = declared.aggregates.iter().flat_map(kernel::Guarded::events);
    let wants = |name: &&str| wanted.names.split(',').any(|it| it == *name);
    let names: Vec<_> = known.map(|event| event.name).filter(wants).collect();
    match runtime.count(declared.name, wanted.after, &names).await {
        Ok(runtime::ports::Count { head, all, after }) => {
            Json(Counted { head, all, after }).into_response()
        }
        Err(failure) => said::no(&failure),
    }
}

async fn answer(
    State(inside): State<Door>,
    Path((context, question)): Path<(String, String)>,
    Query(whom): Query<Whom>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Response {
    let left =
        headers.get(rest::TIME_LEFT).and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
    let deadline = Instant::now() + left.map_or(PATIENCE, Duration::from_millis);
    let trace = headers.get(TRACE).and_then(|it| it.to_str().ok());
    tracing::debug!(context, question, trace, "asked by another process");
    let errand = Errand { deadline, trace: trace.map(Arc::from) };
    let of = match (whom.number, whom.name) {
        (Some(number), _) => Key::Number(number),
        (None, Some(name)) => Key::Name(name),
        (None, None) => {
            let why = "whom the question is about is not said".to_owned();
            return (StatusCode::BAD_REQUEST, Json(said::Said { why })).into_response();
        }
    };
    match inside.runtime.answer(&context, &question, of, body.to_vec(), &errand).await {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(failure) => said::no(&failure),
    }
}

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
use kernel::Key;
use runtime::{Runtime, ports::Clock};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{Keys, LEFT, said};

/// Below this path there is nothing for anybody else.
pub const PATH: &str = "/between";
/// How many events a page holds at the most.
const PAGE: usize = 1000;
/// How long an answer may take when the caller does not say.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a journal is asked for.
#[derive(Debug, Serialize, Deserialize)]
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

#[derive(Clone)]
struct Inside {
    runtime: Runtime,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
}

/// All of it, below [`PATH`]. The clock is that of the machine: tokens are fresh
/// by it, whatever the business clock says.
pub fn door(runtime: Runtime, keys: Arc<Keys>, clock: Arc<dyn Clock>) -> Router {
    let inside = Inside { runtime, keys, clock };
    Router::new()
        .route("/between/{context}/events", get(events))
        .route("/between/{context}/count", get(count))
        .route("/between/{context}/questions/{question}", post(answer))
        .layer(middleware::from_fn_with_state(inside.clone(), only_our_own))
        .with_state(inside)
}

async fn only_our_own(State(inside): State<Inside>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = token.and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
    if !inside.keys.knows(token, inside.clock.now()) {
        let why = "only processes of this deployment are answered here".to_owned();
        return (StatusCode::UNAUTHORIZED, Json(said::Said { why })).into_response();
    }
    next.run(request).await
}

async fn events(
    State(inside): State<Inside>,
    Path(context): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let system = inside.runtime.system().name;
    let events = inside.runtime.events(&context, None, wanted.after, wanted.limit.clamp(1, PAGE));
    let page = events.and_then(|events| {
        cloud_events::page(system, &events)
            .map_err(|flaw| runtime::Failure::fault(flaw.to_string()))
    });
    match page {
        Ok(page) => ([(header::CONTENT_TYPE, cloud_events::BATCH)], page).into_response(),
        Err(failure) => said::no(&failure),
    }
}

async fn count(
    State(inside): State<Inside>,
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
    State(inside): State<Inside>,
    Path((context, question)): Path<(String, String)>,
    Query(whom): Query<Whom>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Response {
    let left = headers.get(LEFT).and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
    let deadline = Instant::now() + left.map_or(PATIENCE, Duration::from_millis);
    let of = match (whom.number, whom.name) {
        (Some(number), _) => Key::Number(number),
        (None, Some(name)) => Key::Name(name),
        (None, None) => {
            let why = "whom the question is about is not said".to_owned();
            return (StatusCode::BAD_REQUEST, Json(said::Said { why })).into_response();
        }
    };
    match inside.runtime.answer(&context, &question, of, body.to_vec(), deadline).await {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(failure) => said::no(&failure),
    }
}

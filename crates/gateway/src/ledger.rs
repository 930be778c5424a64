//! The ledger of all contexts: each is asked once, whichever replica answers.

use std::sync::Arc;

use axum::body::Body;
use http_body_util::{BodyExt, Limited};
use hyper::{Request, Response, StatusCode, Uri, header::HOST};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    answer::{Carried, Until},
    crew::Crew,
    documents,
    front::Front,
    upload::Upload,
};

/// The largest ledger of one context, in bytes.
const LEDGER_BYTES_MAX: usize = 1 << 20;
/// How many replicas of a context are asked before it counts as missing.
const ATTEMPTS: usize = 3;

/// The entries of all contexts, in the order of their names, and the contexts that are missing:
/// without them nothing adds up.
pub async fn of_all(front: &Arc<Front>) -> Response<Body> {
    let mut asked = JoinSet::new();
    for crew in front.crews.values() {
        let (front, crew) = (Arc::clone(front), Arc::clone(crew));
        asked.spawn(async move { (crew.context, of_one(&front, &crew).await) });
    }
    let mut answered = asked.join_all().await;
    answered.sort_by_key(|(context, _)| *context);
    let (mut entries, mut missing) = (Vec::new(), Vec::new());
    for (context, ledger) in answered {
        match ledger {
            Some(own) => entries.extend(own),
            None => missing.push(context),
        }
    }
    let adds_up = missing.is_empty() && entries.iter().all(|it| it["addsUp"] == true);
    let body = json!({ "addsUp": adds_up, "entries": entries, "missing": missing });
    documents::json_of(StatusCode::OK, &body)
}

/// The entries of this context; a replica may serve others too, and those are asked for by name.
async fn of_one(front: &Front, crew: &Crew) -> Option<Vec<Value>> {
    let deadline = Instant::now() + front.settings.deadline;
    let mut before = None;
    for _ in 0..ATTEMPTS {
        let mut place = crew.place(&front.luck, before)?;
        let replica = place.replica.clone();
        before = Some(replica.address);
        let mut request = Request::new(Upload::empty());
        *request.uri_mut() = Uri::from_static("/ops/ledger");
        request.headers_mut().insert(HOST, replica.host.clone());
        let Ok((answer, wire)) = replica.send(request, deadline).await else { continue };
        place.ended(true, 0);
        let (head, body) = answer.into_parts();
        let body = Carried::new(body, wire, replica, Until::Time(deadline)).at(place);
        if head.status != StatusCode::OK {
            continue;
        }
        let Ok(body) = Limited::new(body, LEDGER_BYTES_MAX).collect().await else { continue };
        let mut ledger: Value = serde_json::from_slice(&body.to_bytes()).ok()?;
        let mut entries = std::mem::take(ledger["entries"].as_array_mut()?);
        entries.retain(|it| it["context"] == crew.context);
        return Some(entries);
    }
    None
}

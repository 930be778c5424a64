//! What operators see: the ledger of all contexts together, and the figures.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use axum::body::Body;
use hyper::{Method, Request, Response};
use rest::{
    Act, Found, Operation, Problem, Table,
    edge::body::RequestBody,
    metrics::{self, Family},
};
use runtime::Standing;

use crate::{
    documents,
    front::{Front, nothing_there, only_reads},
    ledger,
    replica::Health,
};

/// Answers an operator.
pub async fn answer(front: &Arc<Front>, request: Request<RequestBody>) -> Response<Body> {
    let tongue = rest::tongue(request.headers());
    let path = request.uri().path().to_owned();
    let answer = lead(front, request.method(), &path).await;
    let mut answer = answer.unwrap_or_else(|it| it.answer(tongue, &path));
    rest::secure(&mut answer);
    answer
}

async fn lead(front: &Arc<Front>, method: &Method, path: &str) -> Result<Response<Body>, Problem> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let segments = rest::segments(path).ok_or_else(nothing_there)?;
    let act = match Table::operating(true, false).find(method, &segments) {
        Found::Here(_, route, _) => route.act,
        Found::Others(..) => return Err(only_reads()),
        Found::Nothing => return Err(nothing_there()),
    };
    match act {
        Act::Operate(Operation::Alive | Operation::Ready) => Ok(documents::health(front, path)),
        Act::Operate(Operation::Metrics) => Ok(figures(front)),
        Act::Operate(Operation::Ledger) => Ok(ledger::of_all(front).await),
        // Everything else is said to the context it is about.
        _ => Err(nothing_there()),
    }
}

fn figures(front: &Front) -> Response<Body> {
    let help = "What is known of a replica: 2 ready, 1 answers, 0 away.";
    let mut health = Family::of("madang_gateway_replica_health", "gauge", help);
    let help = "Requests that a replica has in work.";
    let mut in_work = Family::of("madang_gateway_replica_in_work", "gauge", help);
    let help = "The breaker of a replica: 0 closed, 1 tries, 2 open.";
    let mut breaker = Family::of("madang_gateway_replica_breaker", "gauge", help);
    for crew in front.crews.values() {
        for replica in crew.members().iter() {
            let address = replica.address.to_string();
            let labels = [("context", crew.context), ("replica", address.as_str())];
            let level = match replica.health() {
                Health::Away => "0",
                Health::Unready => "1",
                Health::Ready => "2",
            };
            health.line("", &labels, level);
            in_work.line("", &labels, &replica.in_work().to_string());
            let standing = match replica.standing() {
                Standing::Closed => "0",
                Standing::HalfOpen => "1",
                Standing::Open => "2",
            };
            breaker.line("", &labels, standing);
        }
    }
    let mut again = Family::of("madang_gateway_again_total", "counter", "Second attempts.");
    for (why, count) in [("unsent", &front.figures.unsent), ("repeated", &front.figures.repeated)] {
        again.line("", &[("why", why)], &count.load(Relaxed).to_string());
    }
    let [requests, latency] = front.metrics.requests();
    let families = [requests, latency, health, in_work, breaker, again];
    metrics::told(families.iter().map(Family::text).collect())
}

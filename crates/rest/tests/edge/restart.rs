//! A server is replaced under load on its own port, and nobody notices.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use rest::edge::Drained;
use rest::edge::limits::Limits;
use rest::edge::listen::listen_shared;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use crate::client::{Client, DEADLINE, GET, Running};

const RESTARTS: usize = 12;
const CLIENTS_OF_EACH_KIND: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_under_load_cost_no_request() {
    let mut server = generation(0, "127.0.0.1:0");
    let address = server.address;
    let load = Arc::new(Load::default());
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS_OF_EACH_KIND {
        clients.spawn(keep_alive(address, load.clone()));
        clients.spawn(connect_each_time(address, load.clone()));
    }
    for number in 1..=RESTARTS {
        load.has_grown().await;
        let next = generation(number, &address.to_string());
        let old = std::mem::replace(&mut server, next);
        assert_eq!(timeout(DEADLINE, old.stop()).await.unwrap().unwrap(), Drained { cut: 0 });
        load.youngest_is(number).await;
    }
    load.over.store(true, Ordering::SeqCst);
    let failures = clients.join_all().await.concat();
    assert_eq!(failures, Vec::<String>::new(), "of {} requests", load.answered());
    assert!(load.answered() >= RESTARTS * 100, "a load worth its name: {}", load.answered());
}

#[derive(Default)]
struct Load {
    over: AtomicBool,
    answered: AtomicUsize,
    youngest: AtomicUsize,
}

impl Load {
    fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Asks once; `Ok` says whether the connection may be used again.
    async fn ask(&self, client: &mut Client) -> Result<bool, String> {
        let answer = client.ask(GET).await.map_err(|error| format!("asking: {error}"))?;
        if answer.status != 200 {
            return Err(format!("status {}", answer.status));
        }
        self.answered.fetch_add(1, Ordering::SeqCst);
        self.youngest.fetch_max(answer.body.parse().unwrap(), Ordering::SeqCst);
        Ok(!answer.says_close())
    }

    async fn has_grown(&self) {
        let enough = self.answered() + 100;
        self.becomes(|| self.answered() >= enough).await;
    }

    async fn youngest_is(&self, number: usize) {
        self.becomes(|| self.youngest.load(Ordering::SeqCst) == number).await;
    }

    async fn becomes(&self, true_now: impl Fn() -> bool) {
        let mut pace = interval(Duration::from_millis(5));
        let condition = async {
            while !true_now() {
                pace.tick().await;
            }
        };
        timeout(DEADLINE, condition).await.expect("the load goes on");
    }
}

async fn keep_alive(address: SocketAddr, load: Arc<Load>) -> Vec<String> {
    let mut failures = Vec::new();
    let mut kept = None;
    while !load.over.load(Ordering::SeqCst) {
        let connected = match kept.take() {
            Some(client) => Ok(client),
            None => Client::try_connect(address).await,
        };
        match connected {
            Err(error) => failures.push(format!("kept, connecting: {error}")),
            Ok(mut client) => match load.ask(&mut client).await {
                Ok(again) => kept = again.then_some(client),
                Err(failure) => failures.push(format!("kept, {failure}")),
            },
        }
    }
    failures
}

async fn connect_each_time(address: SocketAddr, load: Arc<Load>) -> Vec<String> {
    let mut failures = Vec::new();
    while !load.over.load(Ordering::SeqCst) {
        let outcome = match Client::try_connect(address).await {
            Ok(mut client) => load.ask(&mut client).await,
            Err(error) => Err(format!("connecting: {error}")),
        };
        failures.extend(outcome.err().map(|failure| format!("new, {failure}")));
    }
    failures
}

/// A server that answers with its number, beside its predecessor on the same port.
fn generation(number: usize, address: &str) -> Running {
    let router = Router::new().route("/", get(async move || number.to_string()));
    let limits = Limits { propagation_ms: 150, settle_ms: 300, ..Limits::default() };
    Running::on(listen_shared(address).unwrap(), limits, router)
}

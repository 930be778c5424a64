//! There is room for so many, and the loop survives whatever comes beyond it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use rest::edge::limits::Limits;
use tokio::sync::Semaphore;
use tokio::time::{interval, timeout};

use crate::client::{Client, DEADLINE, Running};

/// Set in the process that has few descriptors.
const FEW_DESCRIPTORS: &str = "EDGE_TEST_FEW_DESCRIPTORS";

#[tokio::test]
async fn the_connection_that_rested_longest_makes_room() {
    for limits in [of_one_address(2), in_all(2)] {
        let server = Running::new(limits, Router::new().route("/", get(async || "hello")));
        let mut first = Client::connect(server.address).await;
        let mut second = Client::connect(server.address).await;
        assert_eq!(second.get().await.status, 200);
        assert_eq!(first.get().await.status, 200);
        let mut third = Client::connect(server.address).await;
        assert_eq!(third.get().await.status, 200);
        assert_eq!(second.closed().await, b"");
        assert_eq!(first.get().await.status, 200, "the younger one is left alone");
    }
}

#[tokio::test]
async fn nobody_at_work_is_sent_away() {
    for limits in [of_one_address(2), in_all(2)] {
        let gate = Arc::new(Semaphore::new(0));
        let waiting = gate.clone();
        let handler = async move || {
            waiting.acquire().await.unwrap().forget();
            "done"
        };
        let server = Running::new(limits, Router::new().route("/", get(handler)));
        let mut at_work = Vec::new();
        for _ in 0..2 {
            let mut client = Client::connect(server.address).await;
            client.send(crate::client::GET).await;
            at_work.push(client);
        }
        until_refused(&server).await;
        gate.add_permits(100);
        for client in &mut at_work {
            assert_eq!(client.answer().await.unwrap().body, "done");
        }
        assert_eq!(Client::connect(server.address).await.get().await.body, "done");
    }
}

#[tokio::test]
async fn a_flood_without_descriptors_does_not_end_the_loop() {
    if std::env::var_os(FEW_DESCRIPTORS).is_some() {
        return serve_with_few_descriptors().await;
    }
    let (mut child, address) = server_with_few_descriptors();
    let mut flood = Vec::new();
    for _ in 0..200 {
        flood.push(Client::connect(address).await);
    }
    // While the flood lasts, silent connections give way to one that asks.
    let asked = async {
        let mut pace = interval(Duration::from_millis(20));
        loop {
            pace.tick().await;
            let mut client = Client::connect(address).await;
            if client.ask(crate::client::GET).await.is_ok_and(|answer| answer.status == 200) {
                return;
            }
        }
    };
    timeout(DEADLINE, asked).await.expect("the server answers during the flood");
    drop(flood);
    assert_eq!(Client::connect(address).await.get().await.status, 200);
    assert!(child.try_wait().unwrap().is_none(), "the server is still alive");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Sends requests until one is turned away, which is when all seats are at work.
async fn until_refused(server: &Running) {
    let refused = async {
        loop {
            let mut client = Client::connect(server.address).await;
            let outcome = timeout(Duration::from_millis(100), client.ask(crate::client::GET)).await;
            if matches!(outcome, Ok(Err(_))) {
                return;
            }
        }
    };
    timeout(DEADLINE, refused).await.expect("a third connection is refused");
}

fn of_one_address(connections: usize) -> Limits {
    Limits { connections_per_address_max: connections, ..Limits::default() }
}

fn in_all(connections: usize) -> Limits {
    Limits { connections_max: connections, ..Limits::default() }
}

/// This very test in a process of its own, as a server.
fn server_with_few_descriptors() -> (Child, std::net::SocketAddr) {
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -n 48; exec \"$0\" --exact \"$1\" --nocapture"])
        .arg(std::env::current_exe().unwrap())
        .arg("caps::a_flood_without_descriptors_does_not_end_the_loop")
        .env(FEW_DESCRIPTORS, "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = lines.find_map(|line| Some(line.split_once("address ")?.1.parse().unwrap()));
    (child, address.expect("the server says its address"))
}

/// Ends with the process that has started it.
async fn serve_with_few_descriptors() {
    let router = Router::new().route("/", get(async || "hello"));
    let server = Running::new(Limits::default(), router);
    println!("address {}", server.address);
    let orphaned = || std::io::stdin().read_line(&mut String::new());
    tokio::task::spawn_blocking(orphaned).await.unwrap().unwrap();
}

//! Whoever is slow is closed, and whoever is in time is not.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use futures_util::stream;
use rest::edge::limits::Limits;
use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;
use tokio::time::{interval, timeout};

use crate::client::{Answer, Client, DEADLINE, Running};

#[tokio::test]
async fn a_silent_connection_is_closed_when_its_time_is_over() {
    let server = Running::new(Limits { header_ms: 200, ..Limits::default() }, hello());
    let begin = Instant::now();
    assert_eq!(Client::connect(server.address).await.closed().await, b"");
    assert!(begin.elapsed() >= Duration::from_millis(200), "closed too early");
}

#[tokio::test]
async fn a_head_that_trickles_is_closed_although_it_never_stops() {
    let server = Running::new(Limits { header_ms: 300, ..Limits::default() }, hello());
    let mut client = Client::connect(server.address).await;
    let begin = Instant::now();
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ").await;
    trickle_until_closed(&mut client).await;
    assert!(begin.elapsed() >= Duration::from_millis(300), "closed too early");
}

#[tokio::test]
async fn a_second_head_has_no_more_time_than_the_first() {
    let limits = Limits { header_ms: 300, idle_ms: 60_000, ..Limits::default() };
    let server = Running::new(limits, hello());
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get().await.status, 200);
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ").await;
    trickle_until_closed(&mut client).await;
}

#[tokio::test]
async fn a_resting_connection_is_closed_after_its_idle_time_and_not_sooner() {
    let limits = Limits { header_ms: 100, idle_ms: 500, ..Limits::default() };
    let server = Running::new(limits, hello());
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get().await.status, 200);
    let begin = Instant::now();
    assert_eq!(client.closed().await, b"");
    assert!(begin.elapsed() >= Duration::from_millis(450), "closed too early");
}

#[tokio::test]
async fn a_body_that_trickles_is_ended_with_408() {
    let server = Running::new(Limits { body_ms: 300, ..Limits::default() }, hello());
    let answer = trickle_body(&server, "/").await;
    assert_eq!(answer.status, 408);
    assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
    assert!(answer.body.contains("body-too-slow") && answer.says_close());
}

#[tokio::test]
async fn a_service_that_overlooks_a_late_body_does_not_hide_it() {
    let overlooks = |body: Result<Bytes, _>| async move { format!("{}", body.is_ok()) };
    let router = Router::new().route("/", post(overlooks));
    let server = Running::new(Limits { body_ms: 300, ..Limits::default() }, router);
    assert_eq!(trickle_body(&server, "/").await.status, 408);
}

#[tokio::test]
async fn a_body_in_pieces_is_accepted_when_it_is_in_time() {
    let server = Running::new(Limits::default(), hello());
    let mut client = Client::connect(server.address).await;
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n").await;
    for piece in [b"a", b"b", b"c"] {
        client.send(piece).await;
    }
    assert_eq!(client.answer().await.unwrap().body, "abc");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_cut() {
    let (dropped, was_dropped) = oneshot::channel::<()>();
    let dropped = std::sync::Mutex::new(Some(dropped));
    let endless = move || {
        let alive = dropped.lock().unwrap().take();
        let chunks = stream::unfold(alive, async |alive| {
            Some((Ok::<_, std::io::Error>(Bytes::from(vec![0; 64 * 1024])), alive))
        });
        async { Body::from_stream(chunks) }
    };
    let handler = std::sync::Arc::new(endless);
    let router = Router::new().route("/", get(move || handler()));
    let server = Running::new(Limits { write_ms: 300, ..Limits::default() }, router);
    let mut client = Client::connect(server.address).await;
    client.send(crate::client::GET).await;
    let outcome = timeout(DEADLINE, was_dropped).await.expect("the answer is given up");
    assert!(outcome.is_err(), "dropped, not sent");
}

async fn trickle_body(server: &Running, path: &str) -> Answer {
    let mut client = Client::connect(server.address).await;
    let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n");
    client.send(head.as_bytes()).await;
    let mut pace = interval(Duration::from_millis(20));
    let trickle = async {
        for _ in 0..200 {
            pace.tick().await;
            client.stream.writable().await.unwrap();
            if client.stream.try_write(b"x").is_err() || readable(&client).await {
                break;
            }
        }
    };
    timeout(DEADLINE, trickle).await.expect("the server ends the body");
    let answer = client.answer().await.unwrap();
    assert_eq!(client.closed().await, b"");
    answer
}

async fn readable(client: &Client) -> bool {
    timeout(Duration::from_millis(1), client.stream.readable()).await.is_ok()
}

async fn trickle_until_closed(client: &mut Client) {
    let mut pace = interval(Duration::from_millis(20));
    let trickle = async {
        while !client.is_closed() && client.stream.write_all(b"x").await.is_ok() {
            pace.tick().await;
        }
    };
    timeout(DEADLINE, trickle).await.expect("the server closes the connection");
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello").post(async |body: Bytes| body))
}

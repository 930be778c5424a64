//! How much anybody may ask.

use std::time::Duration;

use gateway::Settings;
use rest::edge::limits::Limits;

use crate::{
    client::{Client, until},
    recorder::{Does, Recorder},
    yard::{Front, all_at, settings},
};

const KIB: usize = 1024;

#[tokio::test]
async fn a_body_has_64_kib_at_the_most() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let most = "x".repeat(64 * KIB);
    let mut client = Client::to(front.address).await;
    assert_eq!(client.ask("POST", "/requests", &[], &most).await.status, 200);
    let more = client.ask("POST", "/requests", &[], &(most.clone() + "x")).await;
    more.is_problem(413, "too-large", "64 KiB");
    assert_eq!(recorder.seen().len(), 1);
    // Without a length it is counted on the way.
    let mut client = Client::to(front.address).await;
    let head = "POST /requests HTTP/1.1\r\nHost: a\r\nAccept-Language: en\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    let piece = format!("1000\r\n{}\r\n", "x".repeat(4 * KIB));
    client.send((head.to_owned() + &piece.repeat(17)).as_bytes()).await.unwrap();
    client.answer().await.unwrap().is_problem(413, "too-large", "64 KiB");
    assert_eq!(recorder.seen().len(), 1, "no whole request was seen");
}

#[tokio::test]
async fn a_head_has_64_kib_and_100_lines_at_the_most() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    for (lines, good) in [(98, true), (99, false)] {
        let all = (0..lines).map(|it| format!("X-{it}: 1")).collect::<Vec<_>>();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let answer = Client::to(front.address).await.ask("GET", "/requests", &all, "").await;
        assert_eq!(answer.status, if good { 200 } else { 431 }, "{lines} and two more");
    }
    let mut client = Client::to(front.address).await;
    let long = format!("GET /requests HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(65 * KIB));
    // It may be closed before all of it was taken.
    drop(client.send(long.as_bytes()).await);
    let said = client.closed().await;
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 431"));
    assert_eq!(recorder.seen().len(), 1);
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let recorder = Recorder::new().await;
    let limits = Settings { rate: 1, ..settings() };
    let front = Front::with(all_at(&[recorder.address]), limits, Limits::default()).await;
    let mut client = Client::to(front.address).await;
    let mut refused = None;
    for _ in 0..10 {
        let answer = client.get("/requests").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("two at once, and one each second");
    refused.is_problem(429, "too-many", "come back");
    assert!((1..=2).contains(&refused.header("retry-after").unwrap().parse::<u8>().unwrap()));
    assert_eq!(client.get("/readyz").await.status, 200, "how we are is always said");
    assert!(recorder.seen().len() < 10);
}

#[tokio::test]
async fn one_replica_is_given_only_so_many_at_once() {
    let recorder = Recorder::that(Does::Waits).await;
    let limits = Settings { at_once_max: 1, ..settings() };
    let front = Front::with(all_at(&[recorder.address]), limits, Limits::default()).await;
    let mut first = Client::to(front.address).await;
    first.send(b"GET /requests HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("it has one in work", async || recorder.seen().len() == 1).await;
    let mut second = Client::to(front.address).await;
    second.get("/requests").await.is_problem(503, "unavailable", "request does not answer");
    recorder.goes_on();
    assert_eq!(first.answer().await.unwrap().status, 200);
    recorder.goes_on();
    until("there is room again", async || second.get("/requests").await.status == 200).await;
}

#[tokio::test]
async fn whoever_sends_too_slowly_has_themselves_to_blame() {
    let (one, other) = (Recorder::new().await, Recorder::new().await);
    let limits = Settings { deadline: Duration::from_millis(50), ..settings() };
    let places = all_at(&[one.address, other.address]);
    let front = Front::with(places, limits, Limits::default()).await;
    // More often than a breaker forgives.
    for _ in 0..50 {
        let mut slow = Client::to(front.address).await;
        let half = b"POST /requests HTTP/1.1\r\nHost: a\r\nAccept-Language: en\r\n\
                     Content-Length: 5\r\n\r\nhe";
        slow.send(half).await.unwrap();
        slow.answer().await.unwrap().is_problem(400, "broken-off", "did not arrive in full");
    }
    assert_eq!(Client::to(front.address).await.get("/requests").await.status, 200);
    assert_eq!(one.seen().len() + other.seen().len(), 1);
    let figures = Client::to(front.operators).await.get("/metrics").await.body;
    let breakers = figures.lines().filter(|it| it.starts_with("madang_gateway_replica_breaker{"));
    assert!(breakers.clone().all(|it| it.ends_with(" 0")), "{figures}");
}

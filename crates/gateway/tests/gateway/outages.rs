//! Replicas that are away, break off, or say nothing.

use std::time::Duration;

use gateway::Settings;
use rest::edge::limits::Limits;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    client::{Client, until},
    recorder::{Does, Recorder, well},
    yard::{Front, all_at, at, settings},
};

const KEY: &str = "Idempotency-Key: one";

#[tokio::test]
async fn one_that_is_gone_is_passed_over_and_used_again_when_it_is_back() {
    let (one, other) = (Recorder::new().await, Recorder::new().await);
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    let address = one.address;
    drop(one);
    for _ in 0..50 {
        let asked = json!({ "a": 1 });
        assert_eq!(client.post("/requests", &asked).await.status, 200, "nothing was sent before");
    }
    assert_eq!(other.seen().len(), 50);
    let one = Recorder::on(TcpListener::bind(address).await.unwrap(), Does::Says(well("{}")));
    until("it is used again", async || {
        client.get("/requests").await.status == 200 && !one.seen().is_empty()
    })
    .await;
}

#[tokio::test]
async fn one_that_is_not_ready_gets_nothing_unless_nobody_else_is_there() {
    let (one, other) = (Recorder::new().await, Recorder::new().await);
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    one.is_ready(false);
    health(&front, &one, "1").await;
    for _ in 0..30 {
        assert_eq!(client.get("/requests").await.status, 200);
    }
    assert_eq!((one.seen().len(), other.seen().len()), (0, 30));
    other.is_ready(false);
    health(&front, &other, "1").await;
    for _ in 0..30 {
        assert_eq!(client.get("/requests").await.status, 200, "they answer, at least");
    }
    assert!(!one.seen().is_empty());
}

#[tokio::test]
async fn what_may_be_repeated_is_repeated_and_nothing_else() {
    let (one, other) = (Recorder::that(Does::Closes).await, Recorder::that(Does::Closes).await);
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    let seen = || one.seen().len() + other.seen().len();
    let command = client.ask("POST", "/requests", &[], "{\"a\":1}").await;
    command.is_problem(502, "no-answer", "request broke off");
    assert_eq!(seen(), 1, "it may have been done");
    let accept = client.ask("PUT", "/services/1/accept", &[], "").await;
    accept.is_problem(502, "no-answer", "service broke off");
    assert_eq!(seen(), 2, "the second time it might be refused");
    client.get("/requests").await.is_problem(502, "no-answer", "request broke off");
    assert_eq!(seen(), 5, "three attempts");
    let keyed = client.ask("POST", "/requests", &[KEY], "{\"a\":1}").await;
    keyed.is_problem(502, "no-answer", "request broke off");
    assert_eq!(seen(), 8);
    let bodies = [one.seen(), other.seen()].concat();
    let whole = bodies.iter().filter(|it| it.contains("idempotency-key: one"));
    assert!(whole.clone().count() == 3 && whole.clone().all(|it| it.ends_with("{\"a\":1}")));
}

#[tokio::test]
async fn a_keyed_command_survives_one_that_breaks_off() {
    let (one, other) = (Recorder::that(Does::Closes).await, Recorder::new().await);
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    for _ in 0..9 {
        assert_eq!(client.ask("POST", "/requests", &[KEY], "{}").await.status, 200);
    }
    assert!(!one.seen().is_empty(), "it was tried");
}

#[tokio::test]
async fn second_attempts_have_a_budget() {
    let (one, other) = (Recorder::that(Does::Closes).await, Recorder::that(Does::Closes).await);
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    let mut answered = 0;
    for _ in 0..60 {
        let status = client.get("/requests").await.status;
        assert!([502, 503].contains(&status), "{status}");
        answered += usize::from(status == 502);
    }
    // What was saved up, and one for every five; three attempts each would have been 180.
    let seen = one.seen().len() + other.seen().len();
    assert!(seen <= answered + 10 + 60 / 5 + 1, "{seen} for {answered}");
}

#[tokio::test]
async fn the_breaker_spares_one_that_breaks_off_each_time() {
    let (one, other) = (Recorder::that(Does::Closes).await, Recorder::new().await);
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    until("its breaker has opened", async || {
        client.get("/requests").await;
        let figures = Client::to(front.operators).await.get("/metrics").await.body;
        figures.contains(&format!("_breaker{{context=\"request\",replica=\"{}\"}} 2", one.address))
    })
    .await;
    let before = one.seen().len();
    for _ in 0..50 {
        assert_eq!(client.get("/requests").await.status, 200);
    }
    assert_eq!(one.seen().len(), before);
}

#[tokio::test]
async fn no_answer_in_time_is_said_with_the_name_of_the_context() {
    let silent = Recorder::that(Does::IsSilent).await;
    let limits = Settings { deadline: Duration::from_millis(200), ..settings() };
    let front = Front::with(at(&[("stock", silent.address)]), limits, Limits::default()).await;
    let mut client = Client::to(front.address).await;
    client.get("/stocks").await.is_problem(504, "too-late", "stock did not answer in time");
    assert_eq!(silent.seen().len(), 1, "it is not asked again");
    // Half an answer is none: the connection breaks off.
    silent.does(Does::Says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_owned()));
    assert!(client.try_ask("GET", "/stocks", &[], "").await.is_err());
}

#[tokio::test]
async fn garbage_is_no_answer() {
    let recorder = Recorder::new().await;
    let front = Front::of(at(&[("stock", recorder.address)])).await;
    let mut client = Client::to(front.address).await;
    for garbage in [
        "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ] {
        recorder.does(Does::Says(garbage.to_owned()));
        client.ask("POST", "/stocks", &[], "{}").await.is_problem(502, "no-answer", "stock");
    }
}

#[tokio::test]
async fn a_name_stands_for_all_of_its_addresses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let recorder = Recorder::on(listener, Does::Says(well("{}")));
    let mut places = gateway::Places::default();
    places.common.push(format!("localhost:{port}"));
    let front = Front::of(places).await;
    let mut client = Client::to(front.address).await;
    for _ in 0..3 {
        assert_eq!(client.get("/requests").await.status, 200);
    }
    assert_eq!(recorder.seen().len(), 3);
}

/// Waits until the gateway knows.
async fn health(front: &Front, of: &Recorder, level: &str) {
    let line = format!("_health{{context=\"stock\",replica=\"{}\"}} {level}", of.address);
    until(&line, async || {
        Client::to(front.operators).await.get("/metrics").await.body.contains(&line)
    })
    .await;
}

//! Heads: what callers may not say for themselves, and what the gateway says of them.

use std::time::Duration;

use gateway::Settings;
use rest::edge::limits::Limits;
use serde_json::json;

use crate::{
    client::Client,
    recorder::{Does, Recorder},
    yard::{Front, all_at, settings},
};

#[tokio::test]
async fn nobody_says_who_they_are_but_us() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let claims = [
        "X-Forwarded-For: mallory",
        "X-Forwarded-Proto: https",
        "X-Forwarded-User: root",
        "X-User-Id: mallory",
        "X-User-Roles: operator",
        "X-Real-IP: mallory",
        "Forwarded: for=mallory",
        "Madang-Time-Left: mallory",
        "TE: trailers",
        "Proxy-Authorization: Basic eA==",
        "Keep-Alive: timeout=mallory",
        "Connection: keep-alive, X-Secret",
        "X-Secret: mallory",
        "Upgrade: h2c",
    ];
    assert_eq!(client.ask("GET", "/requests", &claims, "").await.status, 200);
    let seen = recorder.seen().remove(0).to_lowercase();
    assert!(
        !seen.contains("mallory") && !seen.contains("root") && !seen.contains("operator"),
        "{seen}"
    );
    for absent in ["\r\nconnection:", "\r\nte:", "\r\nupgrade:", "\r\nkeep-alive:", "\r\nproxy-"] {
        assert!(!seen.contains(absent), "{seen}");
    }
    for said in [
        "\r\nx-forwarded-for: 127.0.0.1\r\n",
        "\r\nx-forwarded-host: yard\r\n",
        "\r\nx-forwarded-proto: http\r\n",
    ] {
        assert!(seen.contains(said), "{seen}");
    }
    assert!(seen.contains(&format!("\r\nhost: {}\r\n", recorder.address)), "{seen}");
}

#[tokio::test]
async fn every_request_has_a_name_a_trace_and_a_deadline() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let named = ["X-Request-Id: abc-1", &format!("traceparent: {trace}"), "Prefer: wait=7"];
    let answer = client.ask("GET", "/requests", &named, "").await;
    assert_eq!(answer.header("x-request-id"), Some("abc-1"));
    let nameless = ["X-Request-Id: a b", "traceparent: 00-x", "tracestate: a=b"];
    let answer = client.ask("GET", "/requests", &nameless, "").await;
    let made = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(made.len(), 32);
    let seen = recorder.seen();
    assert_eq!((field(&seen[0], "x-request-id"), field(&seen[0], "traceparent")), ("abc-1", trace));
    let left: u64 = field(&seen[0], "madang-time-left").parse().unwrap();
    assert!((16_000..=17_000).contains(&left), "{left}: 10 s, and 7 s that the caller waits");
    assert_eq!(field(&seen[1], "x-request-id"), made);
    assert_eq!(field(&seen[1], "traceparent").len(), trace.len());
    assert!(!seen[1].contains("tracestate"), "it belongs to another trace");
    assert_ne!(client.get("/requests").await.header("x-request-id"), Some(&*made));
    // Also where the gateway answers itself.
    assert!(client.get("/nowhere").await.header("x-request-id").is_some());
}

#[tokio::test]
async fn what_a_replica_says_of_its_connection_stays_behind() {
    let says = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1\r\n\
                Connection: X-Inner\r\nX-Inner: 1\r\nX-Outer: 2\r\n\r\n{}";
    let recorder = Recorder::that(Does::Says(says.to_owned())).await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let answer = Client::to(front.address).await.get("/requests").await;
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(answer.header("x-outer"), Some("2"));
    for absent in ["x-inner", "keep-alive", "connection"] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn connections_to_replicas_are_used_again_unless_they_have_rested_too_long() {
    for (idle, most, least) in [(Duration::from_secs(20), 2, 1), (Duration::ZERO, 9, 5)] {
        let recorder = Recorder::new().await;
        // It is asked how it is twice at the start, and then not for a while.
        let settings = Settings { look: Duration::from_mins(10), idle, ..settings() };
        let places = all_at(&[recorder.address]);
        let front = Front::with(places, settings, Limits::default()).await;
        let mut client = Client::to(front.address).await;
        for _ in 0..5 {
            assert_eq!(client.get("/requests").await.status, 200);
        }
        let connections = recorder.connections();
        assert!((least..=most).contains(&connections), "{connections} with {idle:?}");
    }
}

fn field<'a>(request: &'a str, name: &str) -> &'a str {
    let lines = request.lines().filter_map(|it| it.split_once(": "));
    lines.filter(|(it, _)| *it == name).map(|(_, value)| value).next().unwrap()
}

//! A panic costs one request, and tells nothing.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use rest::edge::limits::Limits;

use crate::client::{Client, Running};

const CRASH: &[u8] = b"GET /crash HTTP/1.1\r\nHost: a\r\nAccept-Language: en\r\n\r\n";
const CRASH_LATE: &[u8] = b"GET /crash-late HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_request_that_panics_is_a_500_without_details_and_the_next_is_fine() {
    let server = crashing();
    let mut client = Client::connect(server.address).await;
    for _ in 0..3 {
        let answer = client.ask(CRASH).await.unwrap();
        assert_eq!(answer.status, 500);
        assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
        assert!(answer.body.contains("Something unexpected happened."), "{}", answer.body);
        assert!(!answer.body.contains("secret"), "{}", answer.body);
        assert_eq!(client.get().await.status, 200);
    }
}

#[tokio::test]
async fn an_answer_that_panics_halfway_costs_its_own_connection_only() {
    let server = crashing();
    let mut other = Client::connect(server.address).await;
    assert_eq!(other.get().await.status, 200);
    let mut client = Client::connect(server.address).await;
    client.send(CRASH_LATE).await;
    let said = client.closed().await;
    assert!(crate::client::find(&said, b"0\r\n\r\n").is_none(), "an end would be a lie");
    assert_eq!(other.get().await.status, 200);
    assert_eq!(Client::connect(server.address).await.get().await.status, 200);
}

fn crashing() -> Running {
    let late = || {
        let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from("first"))]);
        Body::from_stream(first.chain(stream::poll_fn(|_| panic!("a secret"))))
    };
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/crash", get(async || if true { panic!("a secret") } else { "never" }))
        .route("/crash-late", get(async move || late()));
    Running::new(Limits::default(), router)
}

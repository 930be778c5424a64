//! The end comes in phases that everyone can see.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::stream;
use rest::edge::limits::Limits;
use rest::edge::listen::listen;
use rest::edge::{Drained, Edge};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::client::{Client, DEADLINE, GET, Running};

#[tokio::test]
async fn during_propagation_all_is_served_and_every_answer_says_close() {
    let server = Running::new(Limits { propagation_ms: 60_000, ..brief() }, hello());
    let (address, drain) = (server.address, server.drain.clone());
    let mut old = Client::connect(address).await;
    assert!(!old.get().await.says_close() && !drain.is_draining());
    let end = server.stop();
    timeout(DEADLINE, drain.draining()).await.expect("the drain is announced");
    assert!(drain.is_draining());
    assert!(old.get().await.says_close());
    assert_eq!(old.closed().await, b"");
    assert!(Client::connect(address).await.get().await.says_close(), "new ones are served too");
    end.abort();
}

#[tokio::test]
async fn a_request_in_work_is_finished_and_the_port_is_closed_before() {
    let (server, begun, go_on) = gated(Limits { settle_ms: 50, ..brief() });
    let address = server.address;
    let mut client = Client::connect(address).await;
    client.send(GET).await;
    timeout(DEADLINE, begun.notified()).await.expect("the request is in work");
    let end = server.stop();
    let closed = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(DEADLINE, closed).await.expect("the port is closed");
    go_on.notify_one();
    let answer = client.answer().await.unwrap();
    assert!(answer.body == "done" && answer.says_close());
    assert_eq!(timeout(DEADLINE, end).await.unwrap().unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn an_accepted_connection_may_still_send_its_request() {
    let server = Running::new(Limits { settle_ms: 60_000, ..brief() }, hello());
    let address = server.address;
    let mut silent = Client::connect(address).await;
    let mut partial = Client::connect(address).await;
    partial.send(&GET[..5]).await;
    let end = server.stop();
    let closed = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(DEADLINE, closed).await.expect("the port is closed");
    assert_eq!(silent.get().await.status, 200);
    assert_eq!(partial.ask(&GET[5..]).await.unwrap().status, 200);
    drop((silent, partial));
    assert_eq!(timeout(DEADLINE, end).await.unwrap().unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn what_does_not_finish_is_cut_and_counted() {
    let (server, begun, _never) = gated(Limits { finish_ms: 200, ..brief() });
    let mut client = Client::connect(server.address).await;
    client.send(GET).await;
    timeout(DEADLINE, begun.notified()).await.expect("the request is in work");
    assert_eq!(timeout(DEADLINE, server.stop()).await.unwrap().unwrap(), Drained { cut: 1 });
    assert_eq!(client.closed().await, b"");
}

#[tokio::test]
async fn resting_and_silent_connections_do_not_hold_the_end_up() {
    let server = Running::new(Limits { finish_ms: 60_000, linger_ms: 100, ..brief() }, hello());
    let mut resting = Client::connect(server.address).await;
    assert_eq!(resting.get().await.status, 200);
    let mut partial = Client::connect(server.address).await;
    partial.send(&GET[..5]).await;
    let silent = Client::connect(server.address).await;
    assert_eq!(timeout(DEADLINE, server.stop()).await.unwrap().unwrap(), Drained { cut: 0 });
    for client in [resting, partial, silent] {
        assert_eq!(client.closed().await, b"");
    }
}

#[tokio::test]
async fn a_stream_without_an_end_ends_at_the_drain() {
    let listener = listen("127.0.0.1:0").unwrap();
    let address = listener.address();
    let mut edge = Edge::new(Limits { finish_ms: 60_000, ..brief() });
    let drain = edge.drain();
    let live = async move || {
        Body::from_stream(stream::unfold(Some(drain), async |drain| {
            let drain = drain?;
            drain.draining().await;
            Some((Ok::<_, std::io::Error>(Bytes::from("data: goodbye\n\n")), None))
        }))
    };
    edge.serve(listener, Router::new().route("/", get(live)));
    let server = Running::of(edge, address);
    let mut client = Client::connect(address).await;
    assert_eq!(client.get().await.status, 200);
    let end = server.stop();
    let said = client.closed().await;
    assert!(crate::client::find(&said, b"goodbye").is_some());
    assert_eq!(timeout(DEADLINE, end).await.unwrap().unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn several_ports_share_one_limit_and_one_end() {
    let (main, context) = (listen("127.0.0.1:0").unwrap(), listen("127.0.0.1:0").unwrap());
    let (main_address, context_address) = (main.address(), context.address());
    let mut edge = Edge::new(Limits { connections_max: 1, ..brief() });
    edge.serve(main, hello());
    edge.serve(context, Router::new().route("/", get(async || "context")));
    let server = Running::of(edge, main_address);
    let mut first = Client::connect(main_address).await;
    assert_eq!(first.get().await.body, "hello");
    let mut second = Client::connect(context_address).await;
    assert_eq!(second.get().await.body, "context");
    assert_eq!(first.closed().await, b"", "the limit counts both ports");
    drop(second);
    assert_eq!(timeout(DEADLINE, server.stop()).await.unwrap().unwrap(), Drained { cut: 0 });
    for address in [main_address, context_address] {
        assert!(TcpStream::connect(address).await.is_err(), "{address} is closed");
    }
}

/// A server whose only request waits in the middle.
fn gated(limits: Limits) -> (Running, Arc<Notify>, Arc<Notify>) {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, goes_on) = (begun.clone(), go_on.clone());
    let handler = async move || {
        begins.notify_one();
        goes_on.notified().await;
        "done"
    };
    (Running::new(limits, Router::new().route("/", get(handler))), begun, go_on)
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

fn brief() -> Limits {
    Limits { propagation_ms: 20, settle_ms: 20, ..Limits::default() }
}

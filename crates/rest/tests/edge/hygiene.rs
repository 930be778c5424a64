//! A request that two readers could understand differently reaches no service.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use rest::edge::limits::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{Client, GET, Running};

/// What is sent (`|` is a line end), and the code of the problem; the parser refuses some without.
const REFUSED: &[(&str, &str)] = &[
    (
        "POST / HTTP/1.1|Host: a|Content-Length: 3|Transfer-Encoding: chunked||0||",
        "ambiguous-length",
    ),
    (
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 3||0||",
        "ambiguous-length",
    ),
    (
        "POST / HTTP/1.1|Host: a|content-length: 0|TRANSFER-ENCODING: chunked||0||",
        "ambiguous-length",
    ),
    ("POST / HTTP/1.1|Host: a|Content-Length: 3|Content-Length: 3||abc", "ambiguous-length"),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||0||", "ambiguous-length"),
    (
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||0||",
        "ambiguous-length",
    ),
    ("GET / HTTP/1.1||", "host-missing"),
    ("GET / HTTP/1.1|Host: a|Host: a||", "host-twice"),
    ("GET / HTTP/1.1|Host: a|host: b||", "host-twice"),
    ("GET http://b/ HTTP/1.1|Host: a||", "host-twice"),
    ("GET / HTTP/1.1\nHost: a\n\n", "bare-line-end"),
    ("GET / HTTP/1.1|Host: a\nX: b||", "bare-line-end"),
    ("GET / HTTP/1.1|Host: a|\n", "bare-line-end"),
    ("POST / HTTP/1.1|Host: a|Content-Length: 3|Content-Length: 4||abc", ""),
    ("POST / HTTP/1.1|Host: a|Content-Length: +3||abc", ""),
    ("POST / HTTP/1.1|Host: a|Content-Length: 3, 3||abc", ""),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: xchunked||0||", ""),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding:\u{b}chunked||0||", ""),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding : chunked||0||", ""),
    ("POST / HTTP/1.0|Host: a|Transfer-Encoding: chunked||0||", ""),
    ("GET / HTTP/1.1|Host: a|X: b| c||", ""),
    ("GET / HTTP/1.1|Host: a|X: \0||", ""),
];

/// Clear requests, each with the number of answers it must get.
const CLEAR: &[(&str, usize)] = &[
    ("GET / HTTP/1.1|Host: a||", 1),
    ("GET http://a/ HTTP/1.1|Host: A||", 1),
    ("GET / HTTP/1.0|Connection: keep-alive||", 1),
    ("||GET / HTTP/1.1|Host: a||", 1),
    (
        "POST / HTTP/1.1|Host: a|Content-Length: 27|||Transfer-Encoding: none|GET / HTTP/1.1|Host: a||",
        2,
    ),
    (
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked||1A;x=y|abcdefghijklmnopqrstuvwxyz|0|T: u||GET / HTTP/1.1|Host: a||",
        2,
    ),
    (
        "POST / HTTP/1.1|Host: a|Content-Length: 0||GET / HTTP/1.1|Host: a||GET / HTTP/1.1|Host: a||",
        3,
    ),
];

#[tokio::test]
async fn an_unclear_request_is_refused_and_the_connection_closed() {
    let (server, seen) = counting();
    for (text, code) in REFUSED {
        let bytes = &wire(text);
        for piece_bytes in [bytes.len(), 1] {
            let mut client = Client::connect(server.address).await;
            for piece in bytes.chunks(piece_bytes) {
                let _ = client.stream.try_write(piece);
                tokio::task::yield_now().await;
            }
            let answer = client.answer().await.expect(text);
            assert_eq!(answer.status, 400, "{text}");
            assert!(answer.says_close(), "{text}: {}", answer.head);
            assert!(answer.body.contains(code), "{text}: {}", answer.body);
            assert_eq!(client.closed().await, b"", "{text}");
        }
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0, "no service has seen any of them");
}

#[tokio::test]
async fn a_clear_request_is_answered_however_it_is_cut() {
    let (server, seen) = counting();
    for (text, answers) in CLEAR {
        let bytes = &wire(text);
        for piece_bytes in [bytes.len(), 7, 1] {
            let before = seen.load(Ordering::SeqCst);
            let mut client = Client::connect(server.address).await;
            for piece in bytes.chunks(piece_bytes) {
                client.send(piece).await;
                tokio::task::yield_now().await;
            }
            for _ in 0..*answers {
                assert_eq!(client.answer().await.expect(text).status, 200, "{text}");
            }
            // The connection is still good, and nothing more was seen than was sent.
            assert_eq!(client.get().await.status, 200, "{text}");
            assert_eq!(seen.load(Ordering::SeqCst) - before, answers + 1, "{text}");
        }
    }
}

#[tokio::test]
async fn an_unclear_request_does_not_hide_behind_a_clear_one() {
    let (server, seen) = counting();
    let clear =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    for (unclear, code) in REFUSED {
        let before = seen.load(Ordering::SeqCst);
        let mut client = Client::connect(server.address).await;
        client.send(&wire(&[clear, unclear].concat())).await;
        assert_eq!(client.answer().await.unwrap().status, 200, "{unclear}");
        let refusal = client.answer().await.expect(unclear);
        assert_eq!(refusal.status, 400, "{unclear}");
        assert!(refusal.body.contains(code), "{unclear}");
        assert_eq!(client.closed().await, b"");
        assert_eq!(seen.load(Ordering::SeqCst) - before, 1, "{unclear}");
    }
}

#[tokio::test]
async fn a_head_may_be_large_but_not_larger_than_the_limit() {
    let (server, _) = counting();
    for (bytes, status) in [(60 * 1024, 200), (70 * 1024, 431), (500 * 1024, 431)] {
        let mut client = Client::connect(server.address).await;
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(bytes));
        assert_eq!(client.ask(head.as_bytes()).await.unwrap().status, status, "{bytes}");
        if status == 431 {
            // What comes after the refusal does not turn the end into a reset.
            client.send(b"x").await;
            client.stream.shutdown().await.unwrap();
            assert_eq!(client.stream.read(&mut [0; 1]).await.unwrap(), 0, "{bytes}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_language_that_is_wanted() {
    let (server, _) = counting();
    let cases = [
        ("", "Host 머리글이 없습니다"),
        ("en-GB,ko;q=0.5", "name its host"),
        ("en;q=0.2,ko", "없습니다"),
    ];
    for (wanted, sentence) in cases {
        let mut client = Client::connect(server.address).await;
        let request = format!("GET / HTTP/1.1\r\nAccept-Language: {wanted}\r\n\r\n");
        let answer = client.ask(request.as_bytes()).await.unwrap();
        assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
        assert!(answer.body.contains(sentence), "{wanted}: {}", answer.body);
    }
    assert_eq!(Client::connect(server.address).await.ask(GET).await.unwrap().status, 200);
}

fn wire(text: &str) -> Vec<u8> {
    text.replace('|', "\r\n").into_bytes()
}

/// A server that counts what reaches its service.
fn counting() -> (Running, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    let router = Router::new().fallback(async move |_: Bytes| {
        counter.fetch_add(1, Ordering::SeqCst);
        "seen"
    });
    (Running::new(Limits::default(), router), seen)
}

//! Requests that two readers could understand differently: exactly one is seen behind the
//! gateway, or none and the connection is closed.

use crate::{
    client::{Client, find},
    recorder::Recorder,
    yard::{Front, all_at},
};

/// What is refused: 400 or 431, closed, and nothing seen.
const REFUSED: &[(&str, &str)] = &[
    ("lengths that differ", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    (
        "a length with a transfer coding",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    ),
    (
        "a transfer coding with a length",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nG",
    ),
    (
        "a transfer coding twice",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    ),
    ("chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ("a coding that is none", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("a coding after a vertical tab", "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    ("a length with a sign", "Content-Length: +5\r\n\r\nhello"),
    ("a length that is a list", "Content-Length: 5, 5\r\n\r\nhello"),
    ("a length with a fraction", "Content-Length: 5.0\r\n\r\nhello"),
    ("a length that is too long", "Content-Length: 99999999999999999999\r\n\r\nhello"),
    ("a space before the colon", "Content-Length : 5\r\n\r\nhello"),
    ("a folded line", "X-A: 1\r\n Content-Length: 5\r\n\r\nhello"),
    ("a NUL", "X-A: a\0b\r\nContent-Length: 5\r\n\r\nhello"),
    ("bare line ends", "X-A: 1\nContent-Length: 5\r\n\r\nhello"),
    ("a second host", "Host: other\r\nContent-Length: 5\r\n\r\nhello"),
    ("a chunk without a size", "Transfer-Encoding: chunked\r\n\r\n;x\r\nhello\r\n0\r\n\r\n"),
    ("a chunk with a wrong size", "Transfer-Encoding: chunked\r\n\r\n5g\r\nhello\r\n0\r\n\r\n"),
    (
        "a chunk extension with a bare line feed",
        "Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
    ),
    (
        "a chunk that is longer than it says",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
    ),
];

/// A second request, for whoever takes what was left over for one.
const SECOND: &str = "GET /stocks HTTP/1.1\r\nHost: yard\r\n\r\n";

#[tokio::test]
async fn what_could_be_understood_in_two_ways_is_refused() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    for (what, rest) in REFUSED {
        let mut client = Client::to(front.address).await;
        let first = format!("POST /requests HTTP/1.1\r\nHost: yard\r\n{rest}{SECOND}");
        client.send(first.as_bytes()).await.unwrap();
        let said = client.closed().await;
        let status = std::str::from_utf8(&said[9..12]).unwrap_or_default();
        assert!(["400", "431"].contains(&status), "{what}: {}", String::from_utf8_lossy(&said));
        assert_eq!(find(&said[1..], b"HTTP/1.1 "), None, "{what}: one answer");
        assert_eq!(recorder.seen(), Vec::<String>::new(), "{what}: no whole request");
        assert!(!recorder.has_seen(b"/stocks"), "{what}: nothing of the second one");
    }
}

#[tokio::test]
async fn lines_that_are_no_requests_are_refused() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    for line in [
        "POST /requests HTTP/1.0\r\nHost: yard\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /requests HTTP/1.1\r\n\r\n",
        "GET /requests HTTP/1.1\nHost: yard\n\n",
        "GET http://other/requests HTTP/1.1\r\nHost: yard\r\n\r\n",
        "GET /requests HTTP/1.1\r\nHost: yard\r\nHost: yard\r\n\r\n",
    ] {
        let mut client = Client::to(front.address).await;
        client.send(format!("{line}{SECOND}").as_bytes()).await.unwrap();
        let said = client.closed().await;
        assert!(said.starts_with(b"HTTP/1.1 400") || said.starts_with(b"HTTP/1.0 400"), "{line}");
        assert_eq!(recorder.seen(), Vec::<String>::new(), "{line}");
    }
}

#[tokio::test]
async fn every_body_is_framed_anew() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let long = "POST /requests HTTP/1.1\r\nHost: yard\r\nContent-Length: 5\r\n\r\nhello";
    let parts = "POST /requests HTTP/1.1\r\nHost: yard\r\nTransfer-Encoding: chunked\r\n\
                 Trailer: X-After\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX-After: 1\r\n\r\n";
    for request in [long, parts, SECOND] {
        client.send(request.as_bytes()).await.unwrap();
        assert_eq!(client.answer().await.unwrap().status, 200);
    }
    let seen = recorder.seen();
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(seen[0].contains("content-length: 5\r\n") && seen[0].ends_with("\r\n\r\nhello"));
    assert!(!seen[0].contains("transfer-encoding"));
    let (head, body) = seen[1].split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"));
    assert!(!seen[1].to_lowercase().contains("x-after"), "nothing follows a body: {}", seen[1]);
    let text: String = body.split("\r\n").skip(1).step_by(2).collect();
    assert_eq!(text, "hello");
    assert!(!seen[2].contains("content-length") && !seen[2].contains("transfer-encoding"));
}

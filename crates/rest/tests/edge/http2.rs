//! The same port speaks HTTP/2 to a client that begins with its preface.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use rest::edge::Drained;
use rest::edge::limits::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{DEADLINE, Running};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const HEADERS: u8 = 1;
const GOAWAY: u8 = 7;
/// GET, http, and the path `/`, from the static table.
const GET: &[u8] = &[0x82, 0x86, 0x84];
/// The authority `a`.
const AUTHORITY: &[u8] = &[0x01, 1, b'a'];
/// Two fields `host`, `a` and `b`.
const TWO_HOSTS: &[u8] = &[0x0f, 0x17, 1, b'a', 0x0f, 0x17, 1, b'b'];
/// The status 200 from the static table.
const OK: u8 = 0x88;

#[tokio::test]
async fn requests_over_one_connection_are_answered() {
    let server = Running::new(Limits::default(), hello());
    let mut stream = begun(&server).await;
    for number in [1, 3, 5] {
        ask(&mut stream, number, &[GET, AUTHORITY].concat()).await;
        assert_eq!(frame(&mut stream, HEADERS).await.unwrap()[0], OK);
    }
}

#[tokio::test]
async fn a_request_with_two_hosts_or_none_is_refused_on_its_own() {
    let server = Running::new(Limits::default(), hello());
    let mut stream = begun(&server).await;
    for (number, fields) in [(1, [GET, TWO_HOSTS].concat()), (3, GET.to_vec())] {
        ask(&mut stream, number, &fields).await;
        // 400 is entry 12 of the static table.
        assert_eq!(frame(&mut stream, HEADERS).await.unwrap()[0], 0x8c);
    }
    ask(&mut stream, 5, &[GET, AUTHORITY].concat()).await;
    assert_eq!(frame(&mut stream, HEADERS).await.unwrap()[0], OK);
}

#[tokio::test]
async fn a_connection_without_a_request_rests_and_is_then_told_to_go() {
    let limits = Limits { header_ms: 100, idle_ms: 500, linger_ms: 100, ..Limits::default() };
    let server = Running::new(limits, hello());
    let begin = Instant::now();
    let mut stream = begun(&server).await;
    assert!(frame(&mut stream, GOAWAY).await.is_some());
    assert!(begin.elapsed() >= Duration::from_millis(450), "closed too early");
    while frame(&mut stream, u8::MAX).await.is_some() {}
}

#[tokio::test]
async fn half_a_preface_is_not_waited_for() {
    let server = Running::new(Limits { header_ms: 200, ..Limits::default() }, hello());
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&PREFACE[..20]).await.unwrap();
    assert!(frame(&mut stream, u8::MAX).await.is_none());
}

#[tokio::test]
async fn a_drain_says_goodbye_with_a_frame() {
    let limits = Limits { propagation_ms: 20, settle_ms: 20, ..Limits::default() };
    let server = Running::new(limits, hello());
    let mut stream = begun(&server).await;
    ask(&mut stream, 1, &[GET, AUTHORITY].concat()).await;
    assert_eq!(frame(&mut stream, HEADERS).await.unwrap()[0], OK);
    let end = server.stop();
    assert!(frame(&mut stream, GOAWAY).await.is_some());
    drop(stream);
    assert_eq!(timeout(DEADLINE, end).await.unwrap().unwrap(), Drained { cut: 0 });
}

async fn begun(server: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&[PREFACE, SETTINGS].concat()).await.unwrap();
    stream
}

async fn ask(stream: &mut TcpStream, number: u8, fields: &[u8]) {
    let length = u8::try_from(fields.len()).unwrap();
    // The end of the stream and of the fields.
    let head = [0, 0, length, HEADERS, 0x5, 0, 0, 0, number];
    stream.write_all(&[&head, fields].concat()).await.unwrap();
}

/// The content of the next frame of a kind; `None` when the server closes before.
async fn frame(stream: &mut TcpStream, kind: u8) -> Option<Vec<u8>> {
    let search = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut content = vec![0; length as usize];
            stream.read_exact(&mut content).await.ok()?;
            if head[3] == kind {
                return Some(content);
            }
        }
    };
    timeout(DEADLINE, search).await.expect("the server sends a frame, or closes")
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

//! The same port speaks HTTP/2; behind the gateway it is HTTP/1.1 again.

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http2::handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::{
    recorder::Recorder,
    yard::{Front, all_at},
};

#[tokio::test]
async fn many_requests_of_one_connection_go_their_own_ways() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let socket = TcpStream::connect(front.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..20 {
        let mut sender = sender.clone();
        asked.spawn(async move {
            let request = Request::post(format!("http://yard/requests?n={number}"));
            let request = request.header("x-user-id", "mallory");
            let request = request.body(Full::new(Bytes::from_static(b"hello"))).unwrap();
            let answer = sender.send_request(request).await.unwrap();
            let status = answer.status().as_u16();
            (status, answer.into_body().collect().await.unwrap().to_bytes())
        });
    }
    for (status, body) in asked.join_all().await {
        assert_eq!((status, &*body), (200, &b"{}"[..]));
    }
    let seen = recorder.seen();
    assert_eq!(seen.len(), 20);
    for request in seen {
        assert!(request.starts_with("POST /requests?n=") && request.ends_with("\r\n\r\nhello"));
        assert!(request.contains("content-length: 5\r\n"), "{request}");
        assert!(request.contains("x-forwarded-host: yard\r\n"), "{request}");
        assert!(!request.contains("mallory"), "{request}");
    }
}

//! Answers without an end, and bodies that come in pieces.

use crate::{
    client::{Client, until},
    recorder::Recorder,
    yard::{Front, Server, all_at, business},
};
use serde_json::json;

#[tokio::test]
async fn live_rows_come_as_they_change_and_end_well_with_the_gateway() {
    let business = business();
    let server = Server::of(&business);
    let front = Front::of(all_at(&[server.address])).await;
    let mut client = Client::to(front.address).await;
    let asked = json!({ "symptom": "물이 새요", "productId": "1", "customerName": "허윤" });
    assert_eq!(client.post("/requests", &asked).await.status, 201);
    let mut live = Client::to(front.address).await;
    live.send(b"GET /requests/1 HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")
        .await
        .unwrap();
    let head = live.head().await.unwrap();
    assert!(head.starts_with("http/1.1 200") && head.contains("text/event-stream"), "{head}");
    let first = live.chunk().await.unwrap().unwrap();
    assert!(first.contains("REQUESTED"), "{first}");
    let cancelled = client.ask("PUT", "/requests/1/servicecancel", &[], "").await;
    assert!([200, 202].contains(&cancelled.status), "{cancelled:?}");
    let mut seen = String::new();
    while !seen.contains("CANCEL") {
        seen += &live.chunk().await.unwrap().expect("it goes on");
    }
    let ended = front.stop();
    while live.chunk().await.unwrap().is_some() {}
    drop((live, client));
    assert_eq!(ended.await.unwrap().cut, 0);
}

#[tokio::test]
async fn a_body_is_passed_on_while_it_comes() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let before = recorder.connections();
    let head = b"POST /requests HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe";
    client.send(head).await.unwrap();
    let in_work = "madang_gateway_replica_in_work{context=\"request\"";
    until("its first half is on its way", async || {
        let figures = Client::to(front.operators).await.get("/metrics").await.body;
        let line = figures.lines().find(|it| it.starts_with(in_work)).unwrap().to_owned();
        line.ends_with(" 1")
    })
    .await;
    assert!(recorder.connections() >= before);
    client.send(b"llo").await.unwrap();
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert!(recorder.seen()[0].ends_with("\r\n\r\nhello"));
}

#[tokio::test]
async fn whoever_goes_away_leaves_nothing_in_work() {
    let recorder = Recorder::that(crate::recorder::Does::IsSilent).await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    client.send(b"GET /requests HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("it is in work", async || recorder.seen().len() == 1).await;
    drop(client);
    until("nothing is in work", async || {
        let figures = Client::to(front.operators).await.get("/metrics").await.body;
        let lines = figures.lines().filter(|it| it.starts_with("madang_gateway_replica_in_work{"));
        lines.clone().count() > 0 && lines.clone().all(|it| it.ends_with(" 0"))
    })
    .await;
}

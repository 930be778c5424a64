//! The business through the gateway, as its people see it.

use std::time::Duration;

use gateway::Settings;
use rest::edge::limits::Limits;
use serde_json::json;

use crate::{
    client::{Client, until},
    recorder::Recorder,
    yard::{Front, Server, all_at, at, business, settings},
};

#[tokio::test]
async fn a_repair_goes_through_from_the_first_word_to_the_bill() {
    let business = business();
    let (one, other) = (Server::of(&business), Server::of(&business));
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    let asked = json!({ "symptom": "물이 새요", "productId": "1", "customerName": "허윤" });
    let answer = client.post("/requests", &asked).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("location"), Some("/requests/1"));
    let stock = json!({ "relatedProductId": "1", "stock": 5, "unitPrice": 5000 });
    assert_eq!(client.post("/repair/stocks", &stock).await.status, 201);
    until("there is a job", async || {
        Client::to(front.address).await.get("/services/1").await.status == 200
    })
    .await;
    let accepted = client.ask("PUT", "/services/1/accept", &["X-Actor: kim"], "").await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let repaired = client.ask("PUT", "/services/1/product-repair", &["Prefer: wait=5"], "").await;
    assert_eq!(repaired.status, 200, "{repaired:?}");
    let row = client.get("/repair/services/1").await.json();
    assert_eq!(
        (&row["status"], &row["_links"]["self"]["href"]),
        (&json!("PAID"), &json!("/repair/services/1"))
    );
    let refused = client.ask("PUT", "/services/1/accept", &[], "").await;
    refused.is_problem(409, "refused", "");
}

#[tokio::test]
async fn the_time_that_is_left_is_known_behind_the_gateway() {
    let business = business();
    let server = Server::of(&business);
    let settings = Settings { deadline: Duration::from_millis(400), ..settings() };
    let front = Front::with(all_at(&[server.address]), settings, Limits::default()).await;
    let mut client = Client::to(front.address).await;
    let asked = json!({ "symptom": "물이 새요", "productId": "1", "customerName": "허윤" });
    assert_eq!(client.post("/requests", &asked).await.status, 201);
    let stock = json!({ "relatedProductId": "1", "stock": 5, "unitPrice": 5000 });
    assert_eq!(client.post("/stocks", &stock).await.status, 201);
    until("it is accepted", async || {
        let accepted = client.ask("PUT", "/services/1/accept", &[], "").await;
        accepted.status == 200
    })
    .await;
    business.lab("payment", "down");
    // It would settle in its own time of two seconds; nobody waits that long here.
    let repaired = client.ask("PUT", "/services/1/product-repair", &[], "").await;
    assert_eq!(repaired.status, 202, "{repaired:?}");
}

#[tokio::test]
async fn each_context_is_asked_where_it_is() {
    let (request, stock) = (Recorder::new().await, Recorder::new().await);
    let places = at(&[("request", request.address), ("stock", stock.address)]);
    let front = Front::of(places).await;
    let mut client = Client::to(front.address).await;
    assert_eq!(client.get("/requests?page=1&size=2").await.status, 200);
    assert_eq!(client.get("/repair/stocks/7").await.status, 200);
    assert!(request.seen()[0].starts_with("GET /requests?page=1&size=2 HTTP/1.1\r\n"));
    assert!(stock.seen()[0].starts_with("GET /repair/stocks/7 HTTP/1.1\r\n"));
    assert_eq!((request.seen().len(), stock.seen().len()), (1, 1));
    client.get("/services").await.is_problem(503, "unavailable", "service does not answer");
    let ready = client.get("/readyz").await;
    assert_eq!(ready.status, 200, "it can serve something");
    let missing = ["nobody serves payment", "nobody serves progress", "nobody serves service"];
    assert_eq!(ready.json()["missing"], json!(missing));
}

#[tokio::test]
async fn the_ledger_of_all_is_that_of_each_once() {
    let business = business();
    let (one, other) = (Server::of(&business), Server::of(&business));
    let front = Front::of(all_at(&[one.address, other.address])).await;
    let mut client = Client::to(front.address).await;
    let asked = json!({ "symptom": "물이 새요", "productId": "1", "customerName": "허윤" });
    for _ in 0..3 {
        assert_eq!(client.post("/requests", &asked).await.status, 201);
    }
    let straight = Client::to(one.address).await.get("/ops/ledger").await.json();
    let mut operator = Client::to(front.operators).await;
    let ledger = operator.get("/ops/ledger").await.json();
    assert_eq!((&ledger["addsUp"], &ledger["missing"]), (&json!(true), &json!([])));
    let names = |ledger: &serde_json::Value| {
        let entries = ledger["entries"].as_array().unwrap().iter();
        let mut names: Vec<_> = entries
            .map(|it| [&it["context"], &it["subscription"], &it["source"]].map(ToString::to_string))
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&ledger), names(&straight));
    let figures = operator.get("/metrics").await.body;
    let line = "madang_requests_total{method=\"POST\",route=\"/repair/requests\",status=\"2xx\"} 3";
    assert!(figures.contains(line), "{figures}");
    assert_eq!(operator.get("/ops/deliveries").await.status, 404);
}

#[tokio::test]
async fn a_ledger_without_a_context_does_not_add_up() {
    let business = business();
    let server = Server::of(&business);
    let places = at(&[("request", server.address), ("stock", server.address)]);
    let front = Front::of(places).await;
    let ledger = Client::to(front.operators).await.get("/ops/ledger").await.json();
    assert_eq!(ledger["addsUp"], json!(false));
    assert_eq!(ledger["missing"], json!(["payment", "progress", "service"]));
    assert!(!ledger["entries"].as_array().unwrap().is_empty());
}

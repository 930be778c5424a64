//! What there is at an address, and what there is not.

use serde_json::json;

use crate::{ask::Ask, yard::Yard};

#[tokio::test]
async fn every_prefix_leads_to_the_same_and_links_stay_within_it() {
    let yard = Yard::open();
    let order = yard.order("tea").await;
    for base in ["", "/shop"] {
        let row = yard.get(&format!("{base}/orders/{order}")).send().await.json();
        assert_eq!(row["_links"]["self"]["href"], format!("{base}/orders/{order}"));
        let root = if base.is_empty() { "/" } else { base };
        let root = yard.get(root).send().await.json();
        for name in ["orders", "bills", "wares", "tracks"] {
            let href = root["_links"][name]["href"].as_str().unwrap();
            assert_eq!(href, format!("{base}/{name}"));
            assert_eq!(yard.get(href).send().await.status, 200);
        }
        assert_eq!(root["title"], "A small shop");
        let described = root["_links"]["describedby"]["href"].as_str().unwrap();
        assert_eq!(yard.get(described).send().await.status, 200);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_there() {
    let yard = Yard::open();
    yard.order("tea").await;
    let paths = [
        "/x",
        "/shop/x",
        "/shopping",
        "/orders/",
        "/orders/1/",
        "/orders/1/eat",
        "/orders//pack",
        "/orders/1/pack/now",
        "//orders",
        "/shop//orders",
        "/ops",
        "/ops/x",
        "/shop/ops/ledger",
        "/shop/livez",
        "/orders/search/findByCount",
    ];
    for path in paths {
        let problem = yard.get(path).send().await;
        assert_eq!(problem.status, 404, "{path}: {}", problem.text());
    }
    yard.get("/x").send().await.is_problem(404, "unknown-path");
    yard.put("/ops/lab/nobody")
        .json(&json!({ "state": "up" }))
        .send()
        .await
        .is_problem(404, "not-found");
}

#[tokio::test]
async fn where_another_method_is_heard_the_answer_says_which() {
    let yard = Yard::open();
    yard.order("tea").await;
    let cases = [
        ("PUT", "/orders/1", "GET, HEAD, OPTIONS"),
        ("PATCH", "/orders/1", "GET, HEAD, OPTIONS"),
        ("DELETE", "/orders/1", "GET, HEAD, OPTIONS"),
        ("DELETE", "/orders", "GET, HEAD, POST, OPTIONS"),
        ("PUT", "/shop/orders", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/tracks", "GET, HEAD, OPTIONS"),
        ("DELETE", "/tracks/1", "GET, HEAD, OPTIONS"),
        ("GET", "/orders/1/pack", "PUT, OPTIONS"),
        ("POST", "/orders/1/pack", "PUT, OPTIONS"),
        ("POST", "/orders/of/tea", "GET, HEAD, OPTIONS"),
        ("TRACE", "/orders", "GET, HEAD, POST, OPTIONS"),
        ("BREW", "/orders", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/ops/ledger", "GET, HEAD, OPTIONS"),
        ("DELETE", "/", "GET, HEAD, OPTIONS"),
    ];
    for (method, path, allow) in cases {
        let said = yard.ask(method, path).send().await;
        said.is_problem(405, "method-not-allowed");
        assert_eq!(said.header("allow"), allow, "{method} {path}");
    }
    let said = yard.ask("DELETE", "/shop/orders/1").send().await.json();
    let commands = said["commands"].as_array().unwrap();
    let hrefs: Vec<_> = commands.iter().map(|it| it["href"].as_str().unwrap()).collect();
    assert_eq!(hrefs, ["/shop/orders", "/shop/orders/1/pack", "/shop/orders/1/ship"]);
    let said = yard.ask("PUT", "/bills/1").send().await.json();
    assert_eq!(said["commands"], json!([]), "the system alone writes bills");
    assert_eq!(yard.orders().await, 1);
}

#[tokio::test]
async fn options_and_head_say_what_there_is() {
    let yard = Yard::open();
    yard.order("tea").await;
    let said = yard.ask("OPTIONS", "/orders").send().await;
    assert_eq!((said.status, said.header("allow")), (204, "GET, HEAD, POST, OPTIONS"));
    yard.ask("OPTIONS", "/x").send().await.is_problem(404, "unknown-path");
    for path in ["/orders", "/orders/1", "/openapi.json", "/livez", "/x", "/orders/9"] {
        let (get, head) = (yard.get(path).send().await, yard.ask("HEAD", path).send().await);
        assert_eq!((head.status, head.body.len()), (get.status, 0));
        assert_eq!(head.header("content-length"), get.body.len().to_string());
        assert_eq!(head.header("etag"), get.header("etag"));
    }
}

#[tokio::test]
async fn a_context_alone_is_found_at_the_root() {
    let yard = Yard::open();
    let front = yard.rest.context_router("front");
    let ask = |method, path| Ask::of(&front, method, path);
    let said = ask("POST", "/orders").json(&json!({ "what": "tea", "count": 1 })).send().await;
    assert_eq!((said.status, said.header("location")), (201, "/orders/1"));
    assert!(said.json()["_links"].get("tracks").is_none(), "it is not found here");
    for path in ["/", "/orders", "/bills", "/livez", "/readyz", "/metrics", "/openapi.json"] {
        assert_eq!(ask("GET", path).send().await.status, 200, "{path}");
    }
    for path in ["/wares", "/tracks", "/ops/ledger", "/ops/lab", "/shop/orders"] {
        assert_eq!(ask("GET", path).send().await.status, 404, "{path}");
    }
    let described = ask("GET", "/openapi.json").send().await.json();
    assert!(described["paths"].get("/wares").is_none());
    yard.lab("front", "down").await;
    assert_eq!(ask("GET", "/readyz").send().await.status, 503);
    assert_eq!(ask("GET", "/livez").send().await.status, 200);
}

#[tokio::test]
async fn below_its_name_alone_the_root_still_shows_the_way() {
    let mut yard = Yard::open();
    yard.rest.bases.pop();
    yard.router = yard.rest.router();
    let root = yard.get("/").send().await.json();
    assert_eq!(root["_links"]["orders"]["href"], "/shop/orders");
    assert_eq!(yard.get("/openapi.json").send().await.status, 200);
    assert_eq!(yard.get("/orders").send().await.status, 404);
    assert_eq!(yard.get("/shop/orders").send().await.status, 200);
}

#[tokio::test]
async fn a_context_that_is_down_answers_nothing_but_that() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    yard.lab("front", "down").await;
    let reads = ["/orders", "/orders/1", "/orders/of/tea", "/bills"];
    for path in reads {
        let said = yard.get(path).send().await;
        said.is_problem(503, "unavailable");
        assert_eq!(said.header("retry-after"), "1");
    }
    let ship = format!("/orders/{order}/ship");
    yard.put(&ship).send().await.is_problem(503, "unavailable");
    let body = json!({ "what": "tea", "count": 1 });
    yard.post("/orders", &body).send().await.is_problem(503, "unavailable");
    for path in ["/wares", "/tracks", "/ops/lab", "/livez", "/readyz"] {
        assert_eq!(yard.get(path).send().await.status, 200, "{path}");
    }
    yard.lab("front", "failing 100%").await;
    yard.get("/orders").send().await.is_problem(503, "unavailable");
    yard.lab("front", "slow 50ms").await;
    let began = std::time::Instant::now();
    assert_eq!(yard.get("/orders").send().await.status, 200);
    assert!(began.elapsed().as_millis() >= 50 && began.elapsed().as_millis() < 1_000);
    yard.lab("front", "up").await;
    assert_eq!(yard.put(&ship).send().await.status, 200);
}

#[tokio::test]
async fn without_the_lab_there_is_none() {
    let mut yard = Yard::open();
    yard.rest.lab = false;
    yard.router = yard.rest.router();
    assert_eq!(yard.get("/ops/lab").send().await.status, 404);
    let put = yard.put("/ops/lab/front").json(&json!({ "state": "down" })).send().await;
    assert_eq!(put.status, 404);
    assert_eq!(yard.get("/orders").send().await.status, 200);
}

//! Whatever a caller gets wrong is named, and nothing is written.

use serde_json::{Value, json};

use crate::yard::Yard;

#[tokio::test]
async fn every_wrong_body_names_the_field_and_the_rule() {
    let yard = Yard::open();
    let long = "가".repeat(21);
    let cases = [
        (json!({}), "what", "required"),
        (json!({}), "count", "required"),
        (json!({ "what": "tea" }), "count", "required"),
        (json!({ "what": "tea", "count": 1, "colour": "red" }), "colour", "unknown"),
        (json!({ "what": 7, "count": 1 }), "what", "type"),
        (json!({ "what": null, "count": 1 }), "what", "type"),
        (json!({ "what": ["tea"], "count": 1 }), "what", "type"),
        (json!({ "what": "", "count": 1 }), "what", "min-length"),
        (json!({ "what": long, "count": 1 }), "what", "max-length"),
        (json!({ "what": "t\u{0}a", "count": 1 }), "what", "control-characters"),
        (json!({ "what": "tea", "count": 0 }), "count", "min"),
        (json!({ "what": "tea", "count": -1 }), "count", "min"),
        (json!({ "what": "tea", "count": "-1" }), "count", "min"),
        (json!({ "what": "tea", "count": 10 }), "count", "max"),
        (json!({ "what": "tea", "count": "99999999999999999999" }), "count", "max"),
        (json!({ "what": "tea", "count": 1.0 }), "count", "type"),
        (json!({ "what": "tea", "count": "one" }), "count", "type"),
        (json!({ "what": "tea", "count": " 1" }), "count", "type"),
        (json!({ "what": "tea", "count": "1.0" }), "count", "type"),
        (json!({ "what": "tea", "count": "" }), "count", "type"),
        (json!({ "what": "tea", "count": true }), "count", "type"),
        (json!({ "what": "tea", "count": null }), "count", "type"),
        (json!({ "what": "tea", "count": 1, "gift": "yes" }), "gift", "type"),
        (json!({ "what": "tea", "count": 1, "by": "tomorrow" }), "by", "type"),
        (json!({ "what": "tea", "count": 1, "phone": "02-000-0000" }), "phone", "format"),
        (json!({ "what": "tea", "wat": "tea", "count": 1 }), "what", "once"),
        (json!({ "what": "tea", "count": 1, "token": "mine" }), "token", "set-by-the-system"),
        (json!({ "what": "tea", "count": 1, "id": 7 }), "id", "unknown"),
        (json!({ "what": "tea", "count": 1, "status": "LOST" }), "status", "unknown"),
        (json!([]), "body", "type"),
        (json!("tea"), "body", "type"),
        (json!(null), "body", "type"),
    ];
    for (body, field, rule) in cases {
        yard.post("/orders", &body).send().await.breaks(field, rule);
    }
    assert_eq!(yard.orders().await, 0);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let yard = Yard::open();
    let said = yard.post("/orders", &json!({ "count": 0, "a": 1, "b": 2 })).send().await;
    let problem = said.is_problem(400, "invalid");
    let errors = problem["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|it| it["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["a", "b", "what", "count"]);
    let least = errors.iter().find(|it| it["field"] == "count").unwrap();
    assert_eq!((&least["min"], &least["in"]), (&json!(1), &json!("body")));
    assert_eq!(least["message"], "count: must be at least 1.");
}

#[tokio::test]
async fn a_name_that_is_there_twice_is_seen() {
    let yard = Yard::open();
    let body = r#"{"what":"tea","count":1,"count":2}"#;
    yard.ask("POST", "/orders").body("application/json", body).send().await.breaks("count", "once");
    assert_eq!(yard.orders().await, 0);
}

#[tokio::test]
async fn what_is_no_json_is_found_by_line_and_column() {
    let yard = Yard::open();
    for body in
        ["{", "{\"what\":", "{\"what\":\"tea\" \"count\":1}", "tea", "{}{}", "{\"a\":\"\\x\"}"]
    {
        let said = yard.ask("POST", "/orders").body("application/json", body).send().await;
        let problem = said.is_problem(400, "malformed");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("line 1, column"), "{detail}");
    }
    for bytes in [&b"\xff\xfe"[..], b"{\"what\":\"\xff\"}", b"\xef\xbb\xbf{}"] {
        let said = yard.ask("POST", "/orders").body("application/json", bytes).send().await;
        said.is_problem(400, "malformed");
    }
    let deep = "[".repeat(60_000);
    let said = yard.ask("POST", "/orders").body("application/json", deep).send().await;
    assert_eq!(said.status, 400);
    let deep = format!("{{\"what\":{}1{}}}", "[".repeat(9_000), "]".repeat(9_000));
    let said = yard.ask("POST", "/orders").body("application/json", deep).send().await;
    said.breaks("what", "type");
    assert_eq!(yard.orders().await, 0);
}

#[tokio::test]
async fn a_body_has_a_limit_and_a_type() {
    let yard = Yard::open();
    let (what, empty) = (json!({ "what": "tea", "count": 1 }).to_string(), 64 * 1024);
    let fits = format!("{what}{}", " ".repeat(empty - what.len()));
    let said = yard.ask("POST", "/orders").body("application/json", fits.clone()).send().await;
    assert_eq!(said.status, 201);
    let said =
        yard.ask("POST", "/orders").body("application/json", fits.clone() + " ").send().await;
    said.is_problem(413, "too-large");
    // Without saying so before.
    let pieces = [fits.clone(), " ".to_owned()].map(Ok::<_, std::io::Error>);
    let stream = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
    let said = yard.ask("POST", "/orders").body("application/json", stream).send().await;
    said.is_problem(413, "too-large");

    for media in ["text/plain", "application/x-www-form-urlencoded", "", "json"] {
        let said = yard.ask("POST", "/orders").body(media, what.clone()).send().await;
        said.is_problem(415, "unsupported-media-type");
    }
    let zipped = yard.ask("POST", "/orders").body("application/json", what.clone());
    let said = zipped.header("content-encoding", "gzip").send().await;
    said.is_problem(415, "unsupported-media-type");
    for media in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/hal+json"] {
        let said = yard.ask("POST", "/orders").body(media, what.clone()).send().await;
        assert_eq!(said.status, 201, "{media}");
    }
    assert_eq!(yard.orders().await, 4);
}

#[tokio::test]
async fn digits_aliases_and_moments_are_understood() {
    let yard = Yard::open();
    let bodies = [
        json!({ "what": "tea", "count": "5" }),
        json!({ "wat": "tea", "count": 5 }),
        json!({ "what": "tea", "count": "005", "by": "2025-11-20T14:30:00+09:00" }),
        json!({ "what": "tea", "count": 5, "remark": null, "by": 0, "gift": true }),
    ];
    for body in bodies {
        let said = yard.post("/orders", &body).send().await;
        assert_eq!(said.status, 201, "{body}: {}", said.text());
        assert_eq!((&said.json()["what"], &said.json()["count"]), (&json!("tea"), &json!(5)));
    }
}

#[tokio::test]
async fn a_command_without_fields_needs_no_body() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let path = format!("/orders/{order}/ship");
    yard.put(&path).json(&json!({ "when": "now" })).send().await.breaks("when", "unknown");
    yard.put(&path)
        .body("text/plain", "now")
        .send()
        .await
        .is_problem(415, "unsupported-media-type");
    let empty = yard.put(&path).header("content-type", "text/plain").send().await;
    assert_eq!(empty.status, 200, "{}", empty.text());
}

#[tokio::test]
async fn an_id_is_a_positive_whole_number() {
    let yard = Yard::open();
    for id in ["0", "-1", "+1", "1.5", "tea", "%20", "99999999999999999999", "1%00"] {
        yard.get(&format!("/orders/{id}")).send().await.breaks("id", "range");
        yard.put(&format!("/orders/{id}/ship")).send().await.breaks("id", "range");
    }
    yard.get("/orders/7").send().await.is_problem(404, "not-found");
    yard.put("/orders/7/ship").send().await.is_problem(404, "not-found");
    yard.get("/orders/%ff").send().await.breaks("path", "encoding");
}

#[tokio::test]
async fn a_query_has_no_other_fields_than_it_should() {
    let yard = Yard::open();
    yard.order("tea").await;
    let cases = [
        ("/orders?colour=red", "colour", "unknown"),
        ("/orders?remark=x", "remark", "unknown"),
        ("/orders?page=1&page=2", "page", "once"),
        ("/orders?page=-1", "page", "range"),
        ("/orders?page=x", "page", "range"),
        ("/orders?size=0", "size", "range"),
        ("/orders?size=201", "size", "range"),
        ("/orders?size=", "size", "range"),
        ("/orders?sort=remark", "sort", "one-of"),
        ("/orders?sort=what,up", "sort", "one-of"),
        ("/orders?status=EATEN", "status", "one-of"),
        ("/orders?count=many", "count", "whole"),
        ("/orders?placed=then", "placed", "moment"),
        ("/orders?after=00", "after", "cursor"),
        ("/orders?what=%ff", "what", "encoding"),
        ("/orders/1?token=x", "token", "unknown"),
        ("/orders/search/findByWhat", "what", "required"),
        ("/orders/search/findByWhat?count=1", "count", "unknown"),
        ("/livez?x=1", "x", "unknown"),
        ("/ops/events?case=x", "case", "format"),
        ("/ops/events?after=front", "after", "format"),
        ("/ops/events?limit=0", "limit", "range"),
        ("/ops/deliveries?stage=gone", "stage", "one-of"),
        ("/ops/deliveries?context=gone", "context", "one-of"),
    ];
    for (path, field, rule) in cases {
        yard.get(path).send().await.breaks(field, rule);
    }
    yard.put("/orders/1/ship?now=1").send().await.breaks("now", "unknown");
    let said = yard.get("/orders?colour=red").send().await;
    let allowed: Vec<Value> = said.json()["errors"][0]["allowed"].as_array().unwrap().clone();
    assert!(allowed.contains(&json!("status")) && allowed.contains(&json!("page")));
}

#[tokio::test]
async fn headers_are_held_against_their_rules() {
    let yard = Yard::open();
    let ask = || yard.post("/orders", &json!({ "what": "tea", "count": 1 }));
    let long = "x".repeat(301);
    let cases = [
        ("x-actor", "", "length"),
        ("x-actor", "%20", "length"),
        ("x-actor", "a%00b", "length"),
        ("x-actor", "%ff", "encoding"),
        ("x-actor", "100%", "encoding"),
        ("x-actor", &long[..51], "length"),
        ("x-role", "king", "role"),
        ("idempotency-key", "", "length"),
        ("idempotency-key", "a b", "length"),
        ("idempotency-key", &long, "length"),
        ("prefer", "wait=31", "range"),
        ("prefer", "wait=soon", "range"),
    ];
    for (header, value, rule) in cases {
        let said = ask().header(header, value).send().await;
        let problem = said.is_problem(400, "invalid");
        let error = &problem["errors"][0];
        assert_eq!(error["field"].as_str().unwrap().to_ascii_lowercase(), header);
        assert_eq!((&error["rule"], &error["in"]), (&json!(rule), &json!("header")));
    }
    let said = ask().header("x-role", "buyer").again("x-role", "clerk").send().await;
    assert_eq!(said.status, 400);
    let said = yard.get("/orders").header("freshness-token", "kitchen:1").send().await;
    said.breaks("Freshness-Token", "format");
    let said =
        yard.get("/orders").header("last-event-id", "1").header("accept", "text/event-stream");
    said.send().await.breaks("Last-Event-ID", "format");
    assert_eq!(yard.orders().await, 0);
}

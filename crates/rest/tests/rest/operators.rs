//! What operators see and do.

use std::time::Duration;

use serde_json::{Value, json};

use crate::yard::Yard;

#[tokio::test]
async fn the_ledger_adds_up() {
    let yard = Yard::open();
    yard.order("tea").await;
    let settled = |ledger: &Value| {
        let entries = ledger["entries"].as_array().unwrap();
        entries.iter().all(|it| it["committed"] == it["done"])
    };
    let ledger = yard.until("/ops/ledger", settled).await;
    assert_eq!(ledger["addsUp"], true);
    let billed = ledger["entries"].as_array().unwrap().iter();
    let billed = billed.clone().find(|it| it["subscription"] == "Placed -> WriteBill").unwrap();
    assert_eq!((&billed["committed"], &billed["addsUp"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn events_of_all_contexts_are_one_story() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    yard.until("/bills/1", |bill| bill["paid"] == true).await;
    let told = yard.get("/ops/events").send().await.json();
    let names = |told: &Value| -> Vec<String> {
        let events = told["events"].as_array().unwrap();
        events.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut all = names(&told);
    let place = |name: &str| all.iter().position(|it| it == name).unwrap();
    assert!(place("Placed") < place("Billed") && place("Billed") < place("Paid"), "{all:?}");
    all.sort();
    assert_eq!(all, ["Billed", "Packed", "Paid", "Placed", "WareReceived"]);

    for case in ["1", "order/1"] {
        let told = yard.get(&format!("/ops/events?case={case}")).send().await.json();
        assert_eq!(told["events"].as_array().unwrap().len(), 4, "{told}");
        let placed = &told["events"][0];
        assert_eq!((&placed["name"], &placed["case"]), (&json!("Placed"), &json!("order/1")));
        assert_eq!(placed["body"], json!({ "what": "tea", "count": 1 }));
        assert_eq!(placed["cause"], json!({ "command": "PlaceOrder", "event": null }));
        let billed = told["events"].as_array().unwrap().iter().find(|it| it["name"] == "Billed");
        assert_eq!(billed.unwrap()["cause"]["event"], "front:1");
    }
    assert_eq!(order, 1);

    let (mut after, mut pages) = (String::new(), Vec::new());
    loop {
        let told = yard.get(&format!("/ops/events?limit=2{after}")).send().await.json();
        if told["events"] == json!([]) {
            break;
        }
        pages.extend(names(&told));
        after = format!("&after={}", told["next"].as_str().unwrap());
    }
    pages.sort();
    assert_eq!(pages, all);
}

#[tokio::test]
async fn events_can_be_followed() {
    let yard = Yard::open();
    yard.order("before").await;
    yard.until("/bills/1", |bill| bill["paid"] == true).await;
    let mut stream = yard.get("/ops/events").stream().await;
    stream.raw().await;
    yard.order("tea").await;
    let (id, event, placed) = stream.next().await.unwrap();
    assert_eq!((event.as_str(), placed["name"].as_str()), ("event", Some("Placed")));
    assert_eq!(placed["body"]["what"], "tea");
    yard.until("/bills/2", |bill| bill["paid"] == true).await;
    let mut names = Vec::new();
    let mut again = yard.get("/ops/events").header("last-event-id", &id).stream().await;
    for _ in 0..2 {
        names.push(again.next().await.unwrap().2["name"].clone());
    }
    assert_eq!(names, ["Billed", "Paid"]);
    let mut case = yard.get("/ops/events?case=1").stream().await;
    assert_eq!(case.next().await.unwrap().2["body"]["what"], "before");
}

#[tokio::test]
async fn a_delivery_that_fails_is_seen_and_can_be_given_up() {
    let yard = Yard::open();
    yard.lab("bank", "down").await;
    for _ in 0..2 {
        yard.order("tea").await;
    }
    let nobody = json!({
        "context": "front", "subscription": "Placed -> WriteBill",
        "source": "front", "position": 99,
    });
    yard.post("/ops/deliveries/replay", &nobody).send().await.is_problem(404, "not-found");
    let unknown = json!({
        "context": "front", "subscription": "x", "source": "front", "position": "1",
    });
    yard.post("/ops/deliveries/replay", &unknown).send().await.is_problem(404, "not-found");
    yard.post("/ops/deliveries/abandon", &nobody).send().await.breaks("reason", "required");
    let bodies = [
        (json!({}), "reason", "required"),
        (json!({ "context": 1 }), "context", "type"),
        (json!({ "context": "front", "x": 1 }), "x", "unknown"),
        (json!({ "context": "front", "position": 0 }), "position", "range"),
        (json!({ "context": "front" }), "reason", "required"),
        (json!({ "reason": "r", "olderThan": "soon" }), "olderThan", "format"),
        (json!({ "reason": "r", "perSecond": 0 }), "perSecond", "range"),
        (json!({ "reason": "r", "stage": "gone" }), "stage", "one-of"),
        (json!({ "reason": "r", "after": "x" }), "id", "format"),
    ];
    for (body, field, rule) in bodies {
        yard.post("/ops/deliveries/replay", &body).send().await.breaks(field, rule);
    }
    let elsewhere = json!({
        "context": "kitchen", "subscription": "x", "source": "front", "position": 1,
    });
    yard.post("/ops/deliveries/replay", &elsewhere).send().await.breaks("context", "one-of");
    let list = yard.get("/ops/deliveries?context=front&stage=failed").send().await;
    assert_eq!(list.status, 200);

    // One is put aside when the world outside stays away long enough.
    let aside = |told: &Value| !told["deliveries"].as_array().unwrap().is_empty();
    let mut found = Value::Null;
    for _ in 0..600 {
        let told = yard.get("/ops/deliveries").send().await.json();
        if aside(&told) {
            found = told["deliveries"][0].clone();
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(found["subscription"], "Billed => bank", "{found}");
    let wanted = json!({
        "context": found["context"], "subscription": found["subscription"],
        "source": found["source"], "position": found["position"], "reason": "현금으로 받음",
    });
    let said =
        yard.post("/ops/deliveries/abandon", &wanted).header("x-actor", "한지민").send().await;
    assert_eq!(said.status, 200, "{}", said.text());
    assert_eq!(said.json()["abandoned"], 1);
    let told = yard.get("/ops/deliveries?stage=abandoned").send().await.json();
    let reason = told["deliveries"][0]["reason"]["ko"].as_str().unwrap();
    assert_eq!(reason, "한지민: 현금으로 받음");
    assert_eq!(yard.get("/ops/ledger").send().await.json()["addsUp"], true);
}

#[tokio::test]
async fn the_lab_knows_who_can_feel_what() {
    let yard = Yard::open();
    let lab = yard.get("/ops/lab").send().await.json();
    let members = lab["members"].as_array().unwrap();
    let names: Vec<_> = members.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bank", "front", "shelf"]);
    let put = |name: &str, state: &str| {
        yard.put(&format!("/ops/lab/{name}")).json(&json!({ "state": state }))
    };
    for (name, state) in [
        ("front", "unknown"),
        ("front", "decline"),
        ("bank", "sad"),
        ("bank", "slow"),
        ("bank", "slow 620"),
        ("bank", "failing 101%"),
        ("bank", ""),
        ("bank", "UP"),
    ] {
        let said = put(name, state).send().await;
        assert_eq!(said.status, 400, "{name} {state}: {}", said.text());
    }
    put("bank", "sad").send().await.breaks("state", "one-of");
    yard.put("/ops/lab/bank").json(&json!({ "mood": "up" })).send().await.breaks("mood", "unknown");
    yard.put("/ops/lab/bank").send().await.breaks("state", "required");
    for state in ["unknown", "decline", "slow 620ms", "failing 30%", "down", "up"] {
        let said = put("bank", state).send().await;
        assert_eq!((said.status, &said.json()["state"]), (200, &json!(state)));
    }
    put("nobody", "up").send().await.is_problem(404, "not-found");
}

#[tokio::test]
async fn the_figures_name_nobody() {
    let yard = Yard::open();
    let ask = yard.post("/orders", &json!({ "what": "secret tea", "count": 1 }));
    assert_eq!(ask.header("x-actor", "김서연").send().await.status, 201);
    yard.get("/orders/1").send().await;
    yard.get("/orders/7").send().await;
    yard.get("/somewhere/else").send().await;
    let said = yard.get("/metrics").send().await;
    assert!(said.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = said.text();
    let lines = [
        "madang_requests_total{method=\"GET\",route=\"/orders/{id}\",status=\"2xx\"} 1",
        "madang_requests_total{method=\"GET\",route=\"/orders/{id}\",status=\"4xx\"} 1",
        "madang_requests_total{method=\"\",route=\"other\",status=\"4xx\"} 1",
        "madang_request_seconds_count{method=\"POST\",route=\"/orders\"} 1",
        "madang_commands_total{context=\"front\",command=\"PlaceOrder\",outcome=\"settled\"} 1",
        "madang_writer_waiting{context=\"front\"} 0",
        "# TYPE madang_deliveries gauge",
    ];
    for line in lines {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("김서연") && !text.contains("secret"));
}

//! Who may do what.

use serde_json::json;

use crate::yard::Yard;

#[tokio::test]
async fn without_a_role_everyone_may_do_everything() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let row = yard.get(&format!("/orders/{order}")).send().await.json();
    assert_eq!(row["_links"]["ship"]["href"], format!("/orders/{order}/ship"));
    let events = yard.get("/ops/events").send().await.json();
    let by = |name: &str| {
        let events = events["events"].as_array().unwrap();
        events.iter().find(|it| it["name"] == name).unwrap()["actor"].clone()
    };
    assert_eq!(by("Placed"), json!({ "name": "손님", "role": "buyer" }));
    assert_eq!(by("Packed"), json!({ "name": "점원", "role": "clerk" }));
}

#[tokio::test]
async fn in_a_role_only_what_it_may_do() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let path = format!("/orders/{order}/ship");
    let problem = yard.put(&path).header("x-role", "buyer").send().await;
    assert!(problem.is_problem(403, "forbidden")["detail"].as_str().unwrap().contains("clerk"));
    yard.put(&path).header("x-role", "operator").send().await.is_problem(403, "forbidden");
    let row = yard.get(&format!("/orders/{order}")).header("x-role", "buyer").send().await.json();
    assert!(row["_links"].get("ship").is_none());
    let list = yard.get("/orders").header("x-role", "clerk").send().await.json();
    assert!(list["_embedded"]["orders"][0]["_links"].get("ship").is_some());
    assert_eq!(list["_links"]["placeOrder"]["method"], "POST");
    let list = yard.get("/orders").header("x-role", "keeper").send().await.json();
    assert!(list["_links"].get("placeOrder").is_none());
    let said = yard.put(&path).header("x-role", "clerk").send().await;
    assert_eq!(said.status, 200);
}

#[tokio::test]
async fn what_only_the_system_does_nobody_asks_for() {
    let yard = Yard::open();
    for role in ["", "buyer", "operator"] {
        let ask = yard.post("/bills", &json!({ "amount": 1 }));
        let ask = if role.is_empty() { ask } else { ask.header("x-role", role) };
        let problem = ask.send().await.is_problem(403, "forbidden");
        assert!(problem["detail"].as_str().unwrap().contains("Only the system"));
    }
    assert_eq!(yard.get("/bills").send().await.json()["page"]["totalElements"], 0);
}

#[tokio::test]
async fn a_name_may_come_as_it_is_or_encoded() {
    let yard = Yard::open();
    for name in ["김서연", "%EA%B9%80%EC%84%9C%EC%97%B0"] {
        let ask = yard.post("/orders", &json!({ "what": "tea", "count": 1 }));
        let said = ask.header("x-actor", name).header("x-role", "clerk").send().await;
        assert_eq!(said.status, 201);
    }
    let events = yard.get("/ops/events?context=front").send().await.json();
    let placed = events["events"].as_array().unwrap().iter().filter(|it| it["name"] == "Placed");
    for event in placed {
        assert_eq!(event["actor"], json!({ "name": "김서연", "role": "clerk" }));
    }
}

#[tokio::test]
async fn only_operators_operate() {
    let yard = Yard::open();
    for path in ["/ops/ledger", "/ops/deliveries", "/ops/events", "/ops/lab"] {
        yard.get(path).header("x-role", "clerk").send().await.is_problem(403, "forbidden");
        let said = yard.get(path).header("x-role", "operator").send().await;
        assert_eq!(said.status, 200);
    }
    let ask = yard.put("/ops/lab/bank").json(&json!({ "state": "down" }));
    ask.header("x-role", "buyer").send().await.is_problem(403, "forbidden");
}

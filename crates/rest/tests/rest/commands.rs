//! Commands, and how they are answered.

use std::time::Duration;

use serde_json::json;

use crate::yard::Yard;

#[tokio::test]
async fn a_new_row_says_where_it_is_and_what_can_be_done_next() {
    let yard = Yard::open();
    let said = yard.post("/shop/orders", &json!({ "what": "tea", "count": 2 })).send().await;
    assert_eq!(said.status, 201);
    assert_eq!(said.header("location"), "/shop/orders/1");
    assert_eq!(said.header("content-type"), "application/hal+json");
    assert_eq!(said.header("freshness-token"), "front:1");
    assert_eq!(said.header("cache-control"), "no-store");
    assert_eq!(said.header("x-content-type-options"), "nosniff");
    let row = said.json();
    assert_eq!(
        (&row["id"], &row["what"], &row["status"]),
        (&json!(1), &json!("tea"), &json!("PLACED"))
    );
    assert!(row["placed"].as_str().unwrap().starts_with("2025-11-20T14:30:0"), "{row}");
    assert!(row["placed"].as_str().unwrap().ends_with("+09:00"));
    assert!(row.get("token").is_none());
    let links = &row["_links"];
    assert_eq!(links["self"]["href"], "/shop/orders/1");
    assert_eq!(links["orders"]["href"], "/shop/orders");
    assert_eq!(links["pack"]["href"], "/shop/orders/1/pack");
    assert_eq!(links["pack"]["title"], "Take it from the shelf.");
    assert!(links.get("ship").is_none(), "it is not packed: {links}");
    let track = links["tracks"]["href"].as_str().unwrap();
    assert!(track.starts_with("/shop/tracks/1?token="));
}

#[tokio::test]
async fn the_token_opens_the_door_and_no_other_does() {
    let yard = Yard::open();
    let said = yard.post("/orders", &json!({ "what": "tea", "count": 2 })).send().await;
    let track = said.json()["_links"]["tracks"]["href"].as_str().unwrap().to_owned();
    let fresh = said.header("freshness-token").to_owned();
    let opened = yard.get(&track).header("freshness-token", &fresh).send().await;
    assert_eq!(opened.status, 200);
    assert!(opened.json().get("token").is_none());
    let (path, token) = track.split_once('=').unwrap();
    for other in ["", "x", &token[1..], &format!("{token}0"), &"0".repeat(token.len())] {
        yard.get(&format!("{path}={other}")).send().await.is_problem(404, "not-found");
    }
    assert!(!yard.get("/orders").send().await.text().contains(token));
    assert!(!yard.get("/tracks").send().await.text().contains(token));
    assert!(!yard.get("/ops/events").send().await.text().contains(token));
}

#[tokio::test]
async fn the_business_says_no_in_the_language_of_whoever_asked() {
    let yard = Yard::open();
    let order = yard.order("tea").await;
    let path = format!("/shop/orders/{order}/ship");
    let problem = yard.put(&path).send().await.is_problem(409, "refused");
    assert_eq!(problem["detail"], "this order is not packed");
    assert_eq!(problem["instance"], path);
    let said = yard.put(&path).header("accept-language", "ko,en;q=0.5").send().await;
    assert_eq!(said.is_problem(409, "refused")["detail"], "아직 포장하지 않았어요.");
    assert_eq!(said.header("content-language"), "ko");
    let said = yard.put(&format!("/orders/{order}/pack")).send().await;
    assert_eq!(said.is_problem(409, "refused")["detail"], "the shelf is empty");
}

#[tokio::test]
async fn a_case_is_seen_through() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let said = yard.put(&format!("/orders/{order}/ship")).send().await;
    assert_eq!(said.status, 200, "{}", said.text());
    assert_eq!(said.json()["status"], "DELIVERED");
}

#[tokio::test]
async fn a_case_may_settle_with_a_no() {
    let yard = Yard::open();
    let order = yard.packed("ghost").await;
    let said = yard.put(&format!("/orders/{order}/ship")).send().await;
    assert_eq!(said.is_problem(409, "refused")["detail"], "the parcel was lost");
    let row = yard.get(&format!("/orders/{order}")).send().await.json();
    assert_eq!(row["status"], "LOST");
}

#[tokio::test]
async fn whoever_does_not_wait_is_told_so() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let path = format!("/orders/{order}/ship");
    let said = yard.put(&path).header("prefer", "respond-async, wait=0").send().await;
    assert_eq!(said.status, 202, "{}", said.text());
    assert_eq!(said.header("retry-after"), "1");
    assert_eq!(said.json()["status"], "SHIPPED");
    assert!(said.json()["statusText"].as_str().unwrap().contains("look again"));
    yard.until(&format!("/orders/{order}"), |row| row["status"] == "DELIVERED").await;
}

#[tokio::test]
async fn a_command_that_says_itself_whom_it_is_for_begins_or_goes_on() {
    let yard = Yard::open();
    for (count, left) in [(3, 3), (4, 7)] {
        let said = yard.post("/wares", &json!({ "code": "tea", "count": count })).send().await;
        assert_eq!((said.status, said.header("location")), (201, "/wares/1"));
        assert_eq!(said.json()["left"], left);
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_nothing_back() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let ship = yard.put(&format!("/orders/{order}/ship")).send();
    let gone = tokio::time::timeout(Duration::from_millis(30), ship).await;
    assert!(gone.is_err(), "it takes 100 ms to arrive");
    yard.until(&format!("/orders/{order}"), |row| row["status"] == "DELIVERED").await;
}

#[tokio::test]
async fn what_is_away_is_no_answer_and_nothing_has_changed() {
    let yard = Yard::open();
    let order = yard.order("tea").await;
    yard.lab("shelf", "down").await;
    let said = yard.put(&format!("/orders/{order}/pack")).send().await;
    let problem = said.is_problem(503, "unavailable");
    assert_eq!((said.header("retry-after"), &problem["retryAfter"]), ("1", &json!(1)));
    let row = yard.get(&format!("/orders/{order}")).send().await.json();
    assert_eq!(row["status"], "PLACED");
}

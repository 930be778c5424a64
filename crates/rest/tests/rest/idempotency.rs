//! The same command under the same key is the same command.

use serde_json::json;

use crate::yard::Yard;

#[tokio::test]
async fn the_same_again_is_answered_again() {
    let yard = Yard::open();
    let ask = |body| yard.post("/orders", &body).header("idempotency-key", "one");
    let first = ask(json!({ "what": "tea", "count": 1 })).send().await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
    // Said in another way, it is still the same.
    let again = ask(json!({ "count": "1", "wat": "tea" })).send().await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.json(), first.json());
    assert_eq!(yard.orders().await, 1);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let yard = Yard::open();
    let ask = |count| {
        let ask = yard.post("/orders", &json!({ "what": "tea", "count": count }));
        ask.header("idempotency-key", "one")
    };
    assert_eq!(ask(1).send().await.status, 201);
    ask(2).send().await.is_problem(422, "key-reused");
    assert_eq!(yard.orders().await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_whoever_used_it_and_for_what() {
    let yard = Yard::open();
    let ask = |name: &str, role: &str| {
        let ask = yard.post("/orders", &json!({ "what": "tea", "count": 1 }));
        ask.header("idempotency-key", "one").header("x-actor", name).header("x-role", role)
    };
    for (name, role) in [("Kim", "buyer"), ("Lee", "buyer"), ("Kim", "clerk")] {
        assert_eq!(ask(name, role).send().await.header("idempotent-replayed"), "");
    }
    let ware = yard.post("/wares", &json!({ "code": "tea", "count": 1 }));
    assert_eq!(ware.header("idempotency-key", "one").send().await.status, 201);
    for order in [1, 2] {
        let pack = yard.put(&format!("/orders/{order}/pack")).header("idempotency-key", "two");
        assert_eq!(pack.send().await.status, if order == 1 { 200 } else { 422 });
    }
    assert_eq!(yard.orders().await, 3);
}

#[tokio::test]
async fn while_it_is_at_work_the_key_is_busy() {
    let yard = Yard::open();
    let ware = yard.post("/wares", &json!({ "code": "tea", "count": 1 }));
    assert_eq!(ware.send().await.status, 201);
    let order = yard.order("tea").await;
    yard.lab("shelf", "slow 200ms").await;
    let ask = || yard.put(&format!("/orders/{order}/pack")).header("idempotency-key", "one");
    let (first, second) = tokio::join!(ask().send(), ask().send());
    assert_eq!(first.status, 200, "{}", first.text());
    second.is_problem(409, "key-busy");
    assert_eq!(second.header("retry-after"), "1");
    let third = ask().send().await;
    assert_eq!((third.status, third.header("idempotent-replayed")), (200, "true"));
}

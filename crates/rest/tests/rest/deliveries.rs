//! Parked deliveries: looked at, foreseen, tried again in their order, given up.

use serde_json::{Value, json};

use crate::yard::Yard;

const ALL: &str = "/ops/deliveries?stage=parked";
const REPLAY: &str = "/ops/deliveries/replay";

#[tokio::test]
async fn one_is_looked_at_foreseen_and_tried_again() {
    let yard = Yard::open();
    let parked = yard.parked(1).await.remove(0);
    assert_eq!(parked["id"], "front:Billed => bank:front:2");
    let path = format!("/ops/deliveries/{}", encoded(&parked));

    let one = yard.get(&path).send().await.json();
    assert_eq!((&one["stage"], &one["attempts"]), (&json!("parked"), &json!(5)), "{one}");
    assert_eq!(one["event"]["name"], "Billed");
    assert_eq!((&one["acts"], &one["waitingBehind"]), (&json!([]), &json!(0)));
    let reason = one["reason"]["en"].as_str().unwrap();
    assert!(reason.starts_with("Charge cannot be read: expected"), "the whole chain: {reason}");

    let key = key(&parked);
    let dry = yard.post("/ops/deliveries/replay?dry=true", &key).send().await.json();
    let call = &dry["deliveries"][0]["would"]["calls"];
    assert_eq!(call["outside"], "bank", "{dry}");
    assert_eq!(call["idempotencyKey"], "front/front/2");
    assert_eq!(call["body"], json!({ "amount": 1000 }));
    assert_eq!(yard.get(&path).send().await.json(), one, "nothing has changed");

    // Before it is mended it comes back, and that is kept too.
    let said = yard.post(REPLAY, &key).header("x-actor", "han").send().await.json();
    assert_eq!((&said["replayed"], &said["failed"][0]["id"]), (&json!(1), &parked["id"]), "{said}");
    yard.lab("bank", "up").await;
    let mut why = key.clone();
    why["reason"] = json!("은행이 고쳤대요");
    let said = yard.post(REPLAY, &why).header("x-actor", "han").send().await.json();
    assert_eq!((&said["replayed"], &said["done"]), (&json!(1), &json!(1)), "{said}");
    let one = yard.get(&path).send().await.json();
    assert_eq!(one["stage"], "done");
    let acts = one["acts"].as_array().unwrap();
    let came: Vec<_> = acts.iter().map(|it| it["came"]["stage"].as_str().unwrap()).collect();
    assert_eq!(came, ["failed", "done"], "{one}");
    assert_eq!((&acts[1]["by"]["name"], &acts[1]["why"]), (&json!("han"), &why["reason"]));
    yard.post(REPLAY, &key).send().await.is_problem(404, "not-found");
}

#[tokio::test]
async fn many_are_tried_in_order_until_one_fails() {
    let yard = Yard::open();
    let parked = yard.parked(4).await;
    let list = yard.get(ALL).send().await.json();
    assert_eq!((&list["total"], &list["reasons"][0]["count"]), (&json!(4), &json!(4)), "{list}");
    for (filter, count) in [
        ("&context=front&subscription=Billed%20%3D%3E%20bank&source=front", 4),
        ("&context=shelf", 0),
        ("&case=order/2", 1),
        ("&cause=CANNOT%20be%20read", 4),
        ("&cause=weather", 0),
        ("&olderThan=1h", 0),
        ("&olderThan=0s", 4),
    ] {
        let list = yard.get(&format!("{ALL}{filter}")).send().await.json();
        assert_eq!(list["total"], count, "{filter}: {list}");
    }

    // The bank is not mended: the first is tried, and no other.
    let all = json!({ "cause": "cannot be read", "reason": "again" });
    let dry = yard.post("/ops/deliveries/replay?dry=true", &all).send().await.json();
    assert_eq!((dry["deliveries"].as_array().unwrap().len(), &dry["left"]), (4, &json!(0)));
    let said = yard.post(REPLAY, &all).send().await.json();
    assert_eq!(
        (&said["replayed"], &said["done"], &said["left"]),
        (&json!(1), &json!(0), &json!(3))
    );
    assert_eq!(said["stopped"]["id"], parked[0]["id"], "{said}");
    yard.until(ALL, |list| list["total"] == 4).await;

    let mut going = all.clone();
    (going["keepGoing"], going["limit"]) = (json!(true), json!(3));
    let said = yard.post(REPLAY, &going).send().await.json();
    assert_eq!((&said["replayed"], &said["left"]), (&json!(3), &json!(1)), "{said}");
    assert_eq!(said["failed"].as_array().unwrap().len(), 3);
    assert_eq!(said["next"], parked[2]["id"]);
    yard.until(ALL, |list| list["total"] == 4).await;

    yard.lab("bank", "up").await;
    going["after"] = said["next"].clone();
    let said = yard.post(REPLAY, &going).send().await.json();
    assert_eq!((&said["done"], &said["left"], &said["next"]), (&json!(1), &json!(0), &Value::Null));
    let said = yard.post(REPLAY, &all).send().await.json();
    assert_eq!(
        (&said["done"], &said["left"], &said["stopped"]),
        (&json!(3), &json!(0), &Value::Null)
    );
    yard.until("/bills/4", |bill| bill["paid"] == true).await;
    assert_eq!(yard.get("/ops/ledger").send().await.json()["addsUp"], true);
}

#[tokio::test]
async fn many_are_given_up_for_a_reason() {
    let yard = Yard::open();
    let parked = yard.parked(2).await;
    let abandon = "/ops/deliveries/abandon";
    yard.post(abandon, &json!({ "context": "front" })).send().await.breaks("reason", "required");
    let dry = yard.post("/ops/deliveries/abandon?dry=true", &json!({})).send().await.json();
    assert_eq!(dry["deliveries"].as_array().unwrap().len(), 2, "{dry}");
    let why = json!({ "reason": "settled in cash", "perSecond": 1000 });
    let said = yard.post(abandon, &why).header("x-actor", "han").send().await.json();
    assert_eq!((&said["abandoned"], &said["left"]), (&json!(2), &json!(0)), "{said}");
    let one = yard.get(&format!("/ops/deliveries/{}", encoded(&parked[1]))).send().await.json();
    assert_eq!(one["stage"], "abandoned");
    let act = &one["acts"][0];
    assert_eq!(
        (&act["deed"], &act["why"]),
        (&json!("abandon"), &json!("settled in cash")),
        "{one}"
    );
    assert_eq!(act["found"]["stage"], "parked");
}

#[tokio::test]
async fn what_is_no_delivery_is_not_found() {
    let yard = Yard::open();
    yard.order("tea").await;
    for (id, status) in [
        ("front:Placed%20-%3E%20WriteBill:front:99", 404),
        ("front:no:front:1", 404),
        ("front:Billed%20%3D%3E%20bank:front:1", 404),
        ("kitchen:x:front:1", 400),
        ("x", 400),
    ] {
        assert_eq!(yard.get(&format!("/ops/deliveries/{id}")).send().await.status, status, "{id}");
    }
    let path = "/ops/deliveries/front:Placed%20-%3E%20WriteBill:front:1";
    let done = yard.until(path, |it| it["stage"] == "done").await;
    assert_eq!(done["event"]["name"], "Placed");
}

impl Yard {
    /// So many orders whose bills the bank answers in a way that nobody can read.
    async fn parked(&self, count: usize) -> Vec<Value> {
        self.lab("bank", "garbled").await;
        for _ in 0..count {
            self.order("tea").await;
        }
        let list = self.until_parked(count).await;
        list["deliveries"].as_array().unwrap().clone()
    }

    async fn until_parked(&self, count: usize) -> Value {
        self.until(ALL, |list| list["total"] == count).await
    }
}

fn key(delivery: &Value) -> Value {
    let fields = ["context", "subscription", "source", "position"];
    fields.into_iter().map(|it| (it.to_owned(), delivery[it].clone())).collect()
}

fn encoded(delivery: &Value) -> String {
    let id = delivery["id"].as_str().unwrap();
    id.replace(' ', "%20").replace('=', "%3D").replace('>', "%3E")
}

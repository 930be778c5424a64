//! What operators foresee, do, and find written down afterwards.

use std::time::Duration;

use kernel::{Actor, Case, Key};
use rehearsal::Rehearsal;
use runtime::{
    Came, Failure, Waits, Would,
    store::{Deed, Delivery, DeliveryKey, Stage},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::shop::shop;

type Test = Result<(), Box<dyn std::error::Error>>;

const ENTER: &str = "RungUp -> Enter";

#[tokio::test(start_paused = true)]
async fn what_would_come_is_foreseen_and_nothing_changes() -> Test {
    let shop = shop()?;
    for amount in [5, 7] {
        shop.done("신유나", "RingUp", "", json!({ "amount": amount })).await?;
    }
    shop.quiet().await;
    let heads =
        || ["till", "ledger"].map(|it| shop.runtime().tail(it).map(|tail| tail.head()).ok());
    let before = (heads(), shop.ledger(), shop.row("entries", 1));

    // A command, and the event that would come of it.
    let Would::Give(given) = foresee(&shop, ENTER, 1).await? else { panic!("a policy") };
    assert_eq!((given[0].command, &given[0].to), ("Enter", &Key::Number(1)));
    assert_eq!(json_of(&given[0].body), json!({ "amount": 5 }));
    let events = given[0].comes.as_ref().unwrap();
    assert_eq!((events.len(), events[0].name), (1, "Entered"));
    // A command that would be refused, with the sentence.
    let Would::Give(given) = foresee(&shop, ENTER, 2).await? else { panic!("a policy") };
    let refused = given[0].comes.as_ref().unwrap_err();
    assert!(matches!(refused, Failure::Refused(it) if it.en.contains("unlucky")), "{refused}");
    // A wish, not sent.
    let asked = shop.provider().done().values().map(|it| it.asked).sum::<u32>();
    let Would::Call { who, key, body, .. } = foresee(&shop, "RungUp => printer", 1).await? else {
        panic!("an effect")
    };
    assert_eq!(
        (who, key.as_str(), json_of(&body)),
        ("printer", "ledger/till/1", json!({ "amount": 5 }))
    );
    assert_eq!(shop.provider().done().values().map(|it| it.asked).sum::<u32>(), asked);
    // A row, before and after.
    let Would::Show { before: row, after, .. } = foresee(&shop, "entries", 1).await? else {
        panic!("a view")
    };
    assert_eq!(json_of(&row.unwrap().row)["rung_up"], 5);
    assert_eq!(json_of(&after.unwrap().row)["rung_up"], 10);

    sleep(Duration::from_secs(5)).await;
    assert_eq!((heads(), shop.ledger(), shop.row("entries", 1)), before);
    // The desk goes on from where it was.
    shop.done("신유나", "AddTo", "1", json!({ "amount": 1 })).await?;
    shop.quiet().await;
    assert_eq!(shop.row("entries", 1).map(|it| it["rung_up"].clone()), Some(json!(6)));
    shop.every_state_is_its_history();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_case_keeps_its_order_when_it_is_tried_again() -> Test {
    let shop = shop()?;
    shop.lab("printer", "panics");
    for sale in 1..=3 {
        shop.done("신유나", "RingUp", "", json!({ "amount": 10 * sale })).await?;
        for more in 1..=3 {
            let amount = json!({ "amount": 10 * sale + more });
            shop.done("신유나", "AddTo", &sale.to_string(), amount).await?;
        }
    }
    sleep(Duration::from_mins(1)).await;
    // The first of each case is parked; the others wait, and everybody knows for what.
    let parked = aside(&shop, "parked");
    assert_eq!(parked.iter().map(|it| it.key.position).collect::<Vec<_>>(), [1, 5, 9]);
    assert_eq!(aside(&shop, "waiting").len(), 9);
    let remains = shop.runtime().remains(Case { kind: "sale", number: 2 }).await?;
    let waits: Vec<_> = remains.iter().map(|it| it.waits).collect();
    assert_eq!(waits, [Waits::Operator, Waits::Before(5), Waits::Before(5), Waits::Before(5)]);
    let found = shop.runtime().whereabouts("ledger", &parked[1].key).await?;
    assert_eq!((found.waiting, found.behind), (3, None));

    shop.lab("printer", "up");
    for delivery in &parked {
        let came = replay(&shop, delivery).await?;
        assert_eq!(came, Came::Done);
    }
    shop.quiet().await;
    for sale in 1..=3_i64 {
        let events = shop.runtime().events("ledger", None, 0, 1_000)?;
        let printed = events.iter().filter(|it| it.name == "Printed");
        let own = printed.filter(|it| it.of.number == u64::try_from(sale).unwrap());
        let amounts: Vec<_> = own.map(|it| json_of(&it.body)["amount"].as_i64().unwrap()).collect();
        assert_eq!(amounts, [10 * sale, 10 * sale + 1, 10 * sale + 2, 10 * sale + 3]);
    }
    assert!(shop.runtime().remains(Case { kind: "sale", number: 2 }).await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_did_what_and_why_is_kept_over_a_restart() -> Test {
    let mut shop = shop()?;
    shop.lab("printer", "panics");
    shop.done("신유나", "RingUp", "", json!({ "amount": 5 })).await?;
    sleep(Duration::from_mins(1)).await;
    let parked = aside(&shop, "parked").remove(0);
    let again = replay(&shop, &parked).await?;
    assert!(matches!(&again, Came::Failed(it) if it.attempts == 1), "{again:?}");
    sleep(Duration::from_mins(1)).await;
    let by = Actor::new("한지민", "operator");
    let key = parked.key.clone();
    shop.runtime().abandon("ledger", key.clone(), by.clone(), "손으로 썼음").await?;

    shop.restart().await?;
    let acts = shop.runtime().whereabouts("ledger", &key).await?.acts;
    assert_eq!(
        (acts[0].deed, &*acts[0].by.name, &*acts[0].why),
        (Deed::Replay, "권나래", "고쳤음")
    );
    assert_eq!((acts[1].deed, &acts[1].by, &*acts[1].why), (Deed::Abandon, &by, "손으로 썼음"));
    assert_eq!((acts[0].found.attempts, acts[1].found.attempts), (5, 5));
    assert!(acts[0].at < acts[1].at);
    assert_eq!(shop.runtime().acts("ledger", 1)?, acts[1..]);
    assert_eq!(replay(&shop, &parked).await?, Came::Nothing);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_end_that_nobody_caused_leaves_no_suspicion() -> Test {
    let shop = shop()?;
    shop.lab("ledger", "down");
    for amount in 100..140 {
        shop.done("신유나", "RingUp", "", json!({ "amount": amount })).await?;
    }
    let mut shop = shop;
    for _ in 0..8 {
        shop.fall_and_rise().await?;
        sleep(Duration::from_millis(1)).await;
    }
    shop.quiet().await;
    assert_eq!(aside(&shop, "failed").len() + aside(&shop, "parked").len(), 0);
    assert!(shop.ledger().iter().all(|it| it.done == it.committed), "{:?}", shop.ledger());
    Ok(())
}

async fn foresee(shop: &Rehearsal, subscription: &str, position: u64) -> Result<Would, Failure> {
    let key = DeliveryKey { subscription: subscription.into(), source: "till", position };
    shop.runtime().foresee("ledger", &key).await
}

async fn replay(shop: &Rehearsal, delivery: &Delivery) -> Result<Came, Failure> {
    let by = Actor::new("권나래", "operator");
    shop.runtime().replay("ledger", delivery.key.clone(), by, "고쳤음").await
}

fn aside(shop: &Rehearsal, stage: &str) -> Vec<Delivery> {
    let all = shop.runtime().deliveries("ledger", Some(stage), 100).expect("it is there");
    assert!(all.iter().all(|it| it.stage != Stage::Refused));
    all.into_iter().filter(|it| &*it.key.subscription == "RungUp => printer").collect()
}

fn json_of(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("it is JSON")
}

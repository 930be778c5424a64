//! The whole life of a delivery: done, refused, failed, parked, replayed, abandoned.

use std::{sync::atomic::Ordering, time::Duration};

use crate::shop::{ledger::SUPERSTITIOUS, shop};
use kernel::{Actor, Sentence};
use rehearsal::Rehearsal;
use runtime::{Came, Entry, Failure, store::Delivery};
use serde_json::{Value, json};

type Test = Result<(), Box<dyn std::error::Error>>;

const ENTER: &str = "RungUp -> Enter";
const PRINT: &str = "RungUp => printer";

#[tokio::test(start_paused = true)]
async fn what_the_business_refuses_is_recorded_with_the_sentence_and_nothing_stops() -> Test {
    let shop = shop()?;
    for amount in [5, 7, 9] {
        ring_up(&shop, amount).await?;
    }
    shop.quiet().await;
    let entry = entry_of(&shop, ENTER);
    assert_eq!((entry.committed, entry.done, entry.refused, entry.waiting), (3, 2, 1, 0));
    let refused = aside(&shop, "refused");
    assert_eq!(refused[0].reason.as_ref().unwrap().en, "an unlucky sale is not entered");
    assert_eq!(refused[0].case.to_string(), "sale/2");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_poison_event_parks_its_case_and_no_other() -> Test {
    // The one test in this file that changes the ledger's mind: all of its life in one go.
    let shop = shop()?;
    ring_up(&shop, 13).await?;
    add(&shop, "1", 4).await?;
    ring_up(&shop, 5).await?;
    shop.quiet().await;

    let entry = entry_of(&shop, ENTER);
    assert_eq!((entry.done, entry.parked, entry.waiting, entry.failed), (1, 1, 1, 0), "{entry:?}");
    let parked = aside(&shop, "parked").remove(0);
    assert_eq!(parked.attempts, 5);
    assert!(parked.reason.as_ref().unwrap().en.contains("thirteen"), "{:?}", parked.reason);
    assert_eq!(row(&shop, 1)["amounts"], json!([]));
    assert_eq!(row(&shop, 2)["amounts"], json!([5]));

    // Replayed before the cause is mended, it comes back.
    let again = replay(&shop, &parked).await?;
    assert!(matches!(&again, Came::Failed(it) if it.attempts == 1), "{again:?}");
    shop.quiet().await;
    assert_eq!(aside(&shop, "parked").len(), 1);

    // Mended and replayed, the case goes on in its order.
    SUPERSTITIOUS.store(false, Ordering::Relaxed);
    assert_eq!(replay(&shop, &parked).await?, Came::Done);
    shop.quiet().await;
    SUPERSTITIOUS.store(true, Ordering::Relaxed);
    assert_eq!(row(&shop, 1)["amounts"], json!([13, 4]));
    assert_eq!(replay(&shop, &parked).await?, Came::Nothing, "it is not there any more");

    // Given up by an operator, it lets the next of its case go.
    ring_up(&shop, 13).await?;
    add(&shop, "3", 6).await?;
    shop.quiet().await;
    let parked = aside(&shop, "parked").remove(0);
    let by = Actor::new("권나래", "operator");
    let came = shop.runtime().abandon("ledger", parked.key, by, "장부에서 뺌").await?;
    assert_eq!(came, Came::Abandoned);
    shop.quiet().await;
    assert_eq!(row(&shop, 3)["amounts"], json!([6]));
    assert_eq!(aside(&shop, "abandoned")[0].reason, Some(twice("권나래: 장부에서 뺌")));
    let entry = entry_of(&shop, ENTER);
    assert_eq!((entry.done, entry.abandoned, entry.parked, entry.waiting), (4, 1, 0, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_outside_system_that_is_away_holds_nothing_else_up_and_does_all_once() -> Test {
    let mut shop = shop()?;
    shop.lab("printer", "down");
    for amount in 1..=6 {
        ring_up(&shop, amount).await?;
    }
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(entry_of(&shop, ENTER).done, 6);
    let waits = entry_of(&shop, PRINT);
    assert_eq!(waits.waiting + waits.failed, 6, "{waits:?}");

    shop.restart().await?;
    shop.quiet().await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(entry_of(&shop, PRINT).done, 6);
    assert_eq!(shop.provider().done().len(), 6);
    assert_eq!(shop.history("ledger").iter().filter(|name| **name == "Printed").count(), 6);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_under_the_same_key() -> Test {
    let shop = shop()?;
    shop.lab("printer", "unknown");
    ring_up(&shop, 5).await?;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(!shop.history("ledger").contains(&"Printed"));
    shop.lab("printer", "up");
    tokio::time::sleep(Duration::from_secs(30)).await;
    let done = shop.provider().done();
    assert_eq!(done.len(), 1, "once in effect");
    assert!(done.values().all(|it| it.asked > 1), "asked for more than once");
    assert!(shop.history("ledger").contains(&"Printed"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn failing_calls_lose_nothing() -> Test {
    let shop = shop()?;
    for name in ["printer", "ledger"] {
        shop.lab(name, "failing 60%");
    }
    for amount in 20..60 {
        ring_up(&shop, amount).await?;
    }
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!((entry_of(&shop, ENTER).done, entry_of(&shop, PRINT).done), (40, 40));
    assert_eq!(shop.provider().done().len(), 40);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_of_several_journals_says_how_far_it_has_seen_each() -> Test {
    let shop = shop()?;
    ring_up(&shop, 5).await?;
    shop.quiet().await;
    let system = shop.runtime().system();
    let view = system.context("ledger").and_then(|it| it.shown("entries")).unwrap();
    let mut seen = shop.runtime().seen("ledger", view)?;
    seen.sort_unstable();
    assert_eq!(seen, [("ledger", 2), ("till", 1)]);
    let patience = Duration::from_secs(1);
    assert!(shop.runtime().has_seen("ledger", view, ("till", 1), patience).await?);
    assert!(!shop.runtime().has_seen("ledger", view, ("till", 2), patience).await?);
    let changed =
        shop.runtime().changed_since("ledger", view, &[("ledger".into(), 2)], 100).await?;
    assert_eq!(changed, Some(vec![1]), "the till's part is new to whoever saw only the ledger's");
    Ok(())
}

async fn ring_up(shop: &Rehearsal, amount: i64) -> Result<u64, String> {
    shop.done("신유나", "RingUp", "", json!({ "amount": amount })).await
}

async fn add(shop: &Rehearsal, sale: &str, amount: i64) -> Result<u64, String> {
    shop.done("신유나", "AddTo", sale, json!({ "amount": amount })).await
}

async fn replay(shop: &Rehearsal, delivery: &Delivery) -> Result<Came, Failure> {
    let by = Actor::new("권나래", "operator");
    shop.runtime().replay("ledger", delivery.key.clone(), by, "고쳤음").await
}

fn twice(text: &str) -> Sentence {
    Sentence::new(text, text)
}

fn entry_of(shop: &Rehearsal, subscription: &str) -> Entry {
    let mut ledger = shop.ledger().into_iter();
    ledger.find(|entry| *entry.subscription == *subscription).expect("it is there")
}

fn aside(shop: &Rehearsal, stage: &str) -> Vec<Delivery> {
    shop.runtime().deliveries("ledger", Some(stage), 100).expect("it is there")
}

fn row(shop: &Rehearsal, number: u64) -> Value {
    let row = shop.row("entries", number).expect("it is there");
    json!({ "amounts": row["amounts"] })
}

//! What the centre does for a customer, from the outside: names and JSON only; in
//! either topology.

use std::time::Duration;

use appliance_repair::system;
use rehearsal::Provider;
use runtime::{Failure, Settlement, lab::Mood};
use serde_json::{Value, json};

use super::Centre;

type Test = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn a_broken_television_is_repaired_and_paid() -> Test {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(5)).await?;
    assert_eq!(centre.done("홍길동", "RequestService", "", television()).await?, 1);
    centre.quiet().await;
    assert_eq!(centre.row("services", 1).unwrap()["status"], "REQUESTED");

    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    let job = centre.row("services", 1).unwrap();
    assert_eq!((&job["status"], &job["price"]), (&json!("ACCEPTED"), &json!(5000)));
    assert_eq!(job["engineerName"], "김도현");
    let part = centre.row("stocks", 1).unwrap();
    assert_eq!((&part["stock"], &part["available"]), (&json!(5), &json!(4)));

    centre.done("김도현", "CompleteRepair", "1", json!({})).await?;
    assert_eq!(centre.row("services", 1).unwrap()["status"], "PAID");
    centre.quiet().await;
    assert_eq!(centre.row("stocks", 1).unwrap()["stock"], 4);
    assert_eq!(centre.row("pays", 1).unwrap()["status"], "PAID");
    let progress = centre.row("progressViews", 1).unwrap();
    assert_eq!((&progress["status"], &progress["payStatus"]), (&json!("PAID"), &json!("PAID")));
    assert_eq!(
        centre.history("service"),
        ["JobOpened", "AcceptanceAsked", "AsAccepted", "Repaired", "JobPaid"]
    );
    all_is_delivered(&centre);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn when_stock_is_down_nothing_changes_and_the_engineer_is_told() -> Test {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(1)).await?;
    centre.done("홍길동", "RequestService", "", television()).await?;
    centre.quiet().await;
    centre.lab("stock", "down");

    let failure = centre.tell("김도현", "AcceptJob", "1", json!({})).await.unwrap_err();
    assert!(matches!(&failure, Failure::Unavailable { who, .. } if who == "stock"), "{failure}");
    assert_eq!(centre.row("services", 1).unwrap()["status"], "REQUESTED");
    assert_eq!(centre.history("service"), ["JobOpened"]);

    centre.lab("stock", "up");
    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    assert_eq!(centre.row("services", 1).unwrap()["status"], "ACCEPTED");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_a_part_the_job_waits_for_parts() -> Test {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(0)).await?;
    centre.done("홍길동", "RequestService", "", television()).await?;
    centre.quiet().await;
    let told = centre.tell("김도현", "AcceptJob", "1", json!({})).await?;
    assert!(matches!(told.outcome, Settlement::Refused(_)), "{:?}", told.outcome);
    assert_eq!(centre.row("services", 1).unwrap()["status"], "OUTOFSTOCK");

    centre.done("권나래", "ReceiveParts", "", parts(1)).await?;
    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_second_engineer_is_told_who_was_first() -> Test {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(5)).await?;
    centre.done("홍길동", "RequestService", "", television()).await?;
    centre.quiet().await;
    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    let refused = centre.done("장수빈", "AcceptJob", "1", json!({})).await.unwrap_err();
    assert!(refused.contains("김도현"), "{refused}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_two_jobs_for_the_last_part_one_gets_it() -> Test {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(1)).await?;
    centre.done("홍길동", "RequestService", "", television()).await?;
    centre.done("이준호", "RequestService", "", television()).await?;
    centre.quiet().await;
    let (one, other) = tokio::join!(
        centre.done("김도현", "AcceptJob", "1", json!({})),
        centre.done("장수빈", "AcceptJob", "2", json!({})),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    centre.quiet().await;
    let part = centre.row("stocks", 1).unwrap();
    assert_eq!((&part["reserved"], &part["available"]), (&json!(1), &json!(0)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_canceled_request_gives_its_part_back() -> Test {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(1)).await?;
    centre.done("홍길동", "RequestService", "", television()).await?;
    centre.quiet().await;
    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    centre.done("홍길동", "CancelService", "1", json!({})).await?;
    centre.quiet().await;
    assert_eq!(centre.row("requests", 1).unwrap()["status"], "CANCELED");
    assert_eq!(centre.row("services", 1).unwrap()["status"], "CANCELED");
    assert_eq!(centre.row("stocks", 1).unwrap()["available"], 1);
    all_is_delivered(&centre);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_repaired_job_cannot_be_canceled() -> Test {
    let centre = repaired().await?;
    let told = centre.tell("홍길동", "CancelService", "1", json!({})).await?;
    assert!(matches!(told.outcome, Settlement::Refused(_)), "{:?}", told.outcome);
    assert_eq!(centre.row("requests", 1).unwrap()["status"], "REQUESTED");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn requests_are_taken_while_everyone_else_is_down() -> Test {
    let centre = centre()?;
    for name in ["service", "stock", "payment", "progress", "payment-provider"] {
        centre.lab(name, "down");
    }
    for number in 1..=3 {
        assert_eq!(centre.done("홍길동", "RequestService", "", television()).await?, number);
    }
    let told = centre.tell("홍길동", "CancelService", "3", json!({})).await?;
    assert_eq!(told.outcome, Settlement::Pending);
    assert_eq!(centre.row("requests", 3).unwrap()["status"], "CANCELING");
    let waiting = |centre: &Centre| centre.ledger().iter().map(|it| it.waiting).sum::<u64>();
    assert!(waiting(&centre) > 0);

    for name in ["service", "stock", "payment", "progress", "payment-provider"] {
        centre.lab(name, "up");
    }
    centre.quiet().await;
    assert_eq!(centre.row("services", 2).unwrap()["status"], "REQUESTED");
    assert_eq!(centre.row("requests", 3).unwrap()["status"], "CANCELED");
    assert_eq!(waiting(&centre), 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn while_the_provider_is_away_the_job_is_repaired_and_then_paid_once() -> Test {
    for mood in ["down", "unknown", "slow 1500ms"] {
        let centre = accepted().await?;
        centre.lab("payment-provider", mood);
        let told = centre.tell("김도현", "CompleteRepair", "1", json!({})).await?;
        assert_eq!(told.outcome, Settlement::Pending, "{mood}");
        assert_eq!(centre.row("services", 1).unwrap()["status"], "REPAIRED");
        tokio::time::sleep(Duration::from_mins(3)).await;
        assert_eq!(centre.row("services", 1).unwrap()["status"], "REPAIRED", "{mood}");

        centre.lab("payment-provider", "up");
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(centre.row("services", 1).unwrap()["status"], "PAID", "{mood}");
        assert_eq!(centre.provider().done().len(), 1, "charged once: {mood}");
        all_is_delivered(&centre);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_declined_payment_can_be_tried_again() -> Test {
    let centre = accepted().await?;
    centre.lab("payment-provider", "decline");
    centre.done("김도현", "CompleteRepair", "1", json!({})).await?;
    let job = centre.row("services", 1).unwrap();
    assert_eq!((&job["status"], &job["payStatus"]), (&json!("REPAIRED"), &json!("DECLINED")));
    centre.done("홍길동", "RetryPayment", "1", json!({})).await.unwrap_err();

    centre.lab("payment-provider", "up");
    centre.done("홍길동", "RetryPayment", "1", json!({})).await?;
    centre.quiet().await;
    assert_eq!(centre.row("services", 1).unwrap()["status"], "PAID");
    assert_eq!(centre.row("pays", 1).unwrap()["attempts"], 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_not_paid_for_a_week_becomes_a_receivable_even_over_a_restart() -> Test {
    let mut centre = accepted().await?;
    centre.lab("payment-provider", "decline");
    centre.done("김도현", "CompleteRepair", "1", json!({})).await?;
    tokio::time::sleep(Duration::from_hours(3 * 24)).await;
    centre.restart().await?;
    assert_eq!(centre.row("services", 1).unwrap()["receivable"], false);
    tokio::time::sleep(Duration::from_hours(8 * 24)).await;
    assert_eq!(centre.row("services", 1).unwrap()["receivable"], true);
    Ok(())
}

fn centre() -> Result<Centre, Failure> {
    Centre::of(system, Provider::named("payment-provider", charge))
}

async fn accepted() -> Result<Centre, Box<dyn std::error::Error>> {
    let centre = centre()?;
    centre.done("권나래", "ReceiveParts", "", parts(5)).await?;
    centre.done("홍길동", "RequestService", "", television()).await?;
    centre.quiet().await;
    centre.done("김도현", "AcceptJob", "1", json!({})).await?;
    Ok(centre)
}

async fn repaired() -> Result<Centre, Box<dyn std::error::Error>> {
    let centre = accepted().await?;
    centre.done("김도현", "CompleteRepair", "1", json!({})).await?;
    Ok(centre)
}

fn charge(_: &str, wish: &Value, mood: &Mood) -> Value {
    match mood {
        Mood::Own(_) => json!({ "outcome": "declined", "reason": "한도 초과" }),
        _ => json!({ "outcome": "captured", "paymentKey": wish["orderId"] }),
    }
}

/// Nothing waits, nothing failed; a policy of a later day may still wait for it.
fn all_is_delivered(centre: &Centre) {
    centre.every_state_is_its_history();
    for entry in centre.ledger() {
        let later = &*entry.subscription == "Repaired -> MarkReceivable";
        assert!(later || entry.waiting == 0, "{entry:?}");
        assert_eq!((entry.failed, entry.parked, entry.refused), (0, 0, 0), "{entry:?}");
    }
}

fn television() -> Value {
    json!({ "symptom": "화면이 안나와요", "productId": "1", "customerName": "Hong" })
}

fn parts(count: u32) -> Value {
    json!({ "relatedProductId": "1", "stock": count, "unitPrice": 5000 })
}

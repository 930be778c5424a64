//! What the simulation has found: each was lost, late or untrue once.

use std::{sync::Arc, time::Duration};

use kernel::{Actor, Command, Key};
use rehearsal::{Provider, Rehearsal};
use runtime::{
    Entry, Failure, Order, Settlement, Target, Told,
    lab::Mood,
    store::{Delivery, Layout, Stage, Store, StoreError},
};
use serde_json::{Value, json};
use store_memory::MemoryStore;
use tokio::time::sleep;

use crate::{
    failing::Failing,
    letters::{LIES, Sign, Write, system},
};

type Test = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn an_outside_system_that_panics_loses_nothing() -> Test {
    let (office, _) = office()?;
    office.lab("courier", "panics");
    write(&office, 1, 5).await?;
    sleep(Duration::from_secs(1)).await;
    let waits = office.ledger().into_iter().find(|it| &*it.subscription == "Written => courier");
    assert_eq!(waits.map(|it| (it.committed, it.done, it.failed)), Some((1, 0, 1)));
    office.lab("courier", "up");
    sleep(Duration::from_mins(1)).await;
    assert!(office.history("mail").contains(&"Carried"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_has_failed_does_not_wait_for_a_clock_that_was_set_back() -> Test {
    let (office, _) = office()?;
    office.lab("courier", "panics");
    write(&office, 1, 5).await?;
    sleep(Duration::from_millis(500)).await;
    office.clock().set(-2 * 60 * 60 * 1_000);
    office.lab("courier", "up");
    sleep(Duration::from_mins(1)).await;
    assert!(office.history("mail").contains(&"Carried"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_has_failed_is_found_behind_many_that_wait_for_a_clock_set_back() -> Test {
    let (office, _) = office()?;
    office.lab("office", "down");
    write(&office, 1, 5).await?;
    sleep(LIES.saturating_sub(Duration::from_secs(1))).await;
    for letter in 2..100 {
        write(&office, letter, 6).await?;
    }
    sleep(Duration::from_secs(9)).await;
    office.clock().set(-2 * 60 * 60 * 1_000);
    office.lab("office", "up");
    sleep(Duration::from_mins(1)).await;
    assert_eq!(office.history("mail").iter().filter(|name| **name == "Sent").count(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_due_together_and_fails_is_all_done_in_the_end() -> Test {
    let (mut office, _) = office()?;
    let (one, other) = tokio::join!(write(&office, 1, 5), write(&office, 1, 6));
    one?;
    other?;
    office.lab("office", "down");
    sleep(LIES + Duration::from_secs(3)).await;
    office.restart().await?;
    sleep(Duration::from_mins(1)).await;
    let sent = office.runtime().events("mail", None, 0, 100)?;
    let sent = sent.iter().filter(|event| event.name == "Sent");
    let lines: Vec<_> = sent.map(|it| String::from_utf8_lossy(&it.body).into_owned()).collect();
    assert_eq!(lines, [r#"{"line":5}"#, r#"{"line":6}"#]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_delivery_given_up_out_of_its_turn_lets_nobody_go() -> Test {
    let (office, _) = office()?;
    for line in [13, 5, 6] {
        write(&office, 1, line).await?;
    }
    sleep(Duration::from_mins(1)).await;
    let behind = aside(&office, "waiting").remove(0);
    let by = || kernel::Actor::new("권나래", "operator");
    office.runtime().abandon("mail", behind.key, by(), "뺌").await?;
    sleep(Duration::from_mins(1)).await;
    let last = aside(&office, "waiting").remove(0);
    assert!(matches!(last.stage, Stage::Waiting { due } if due.0 == i64::MAX), "{last:?}");

    let first = aside(&office, "parked").remove(0);
    office.runtime().abandon("mail", first.key, by(), "뺌").await?;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(office.history("mail").iter().filter(|it| **it == "Stamped").count(), 1);
    assert!(office.ledger().iter().all(Entry::adds_up));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_no_because_of_what_came_to_nothing_is_not_told() -> Test {
    let (office, store) = office()?;
    write(&office, 1, 5).await?;
    store.fail(Some(StoreError::Full(Arc::from(Box::from("no room")))));
    let (one, other) = tokio::join!(sign(&office, 1), sign(&office, 1));
    for failure in [one.unwrap_err(), other.unwrap_err()] {
        assert!(matches!(failure, Failure::Store(_)), "{failure}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_database_that_has_failed_is_not_written_to_until_a_restart() -> Test {
    let (mut office, store) = office()?;
    store.fail(Some(StoreError::Broken(Arc::from(Box::from("fsync failed")))));
    write(&office, 1, 5).await.unwrap_err();
    store.fail(None);
    let failure = write(&office, 1, 6).await.unwrap_err();
    assert!(matches!(failure, Failure::Unavailable { .. }), "{failure}");
    assert_eq!(office.history("desk"), Vec::<&str>::new());
    office.restart().await?;
    write(&office, 1, 6).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_of_two_at_once_the_next_event_is_heard() -> Test {
    let (office, store) = office()?;
    office.lab("courier", "down");
    write(&office, 1, 5).await?;
    store.fail(Some(StoreError::Full(Arc::from(Box::from("no room")))));
    sleep(Duration::from_secs(10)).await;
    office.lab("courier", "up");
    store.fail(None);
    sleep(Duration::from_secs(10)).await;
    write(&office, 2, 6).await?;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(office.history("mail").iter().filter(|name| **name == "Carried").count(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_done_is_not_denied_because_it_cannot_be_seen_through() -> Test {
    let (office, store) = office()?;
    write(&office, 1, 5).await?;
    store.fail_histories(Some(StoreError::Away(Arc::from(Box::from("nobody answers")))));
    let told = sign(&office, 1).await?;
    assert_eq!((told.outcome, told.seen.1), (Settlement::Pending, 2));
    store.fail_histories(None);
    assert_eq!(office.history("desk"), ["Written", "Signed"]);
    Ok(())
}

fn office() -> Result<(Rehearsal, Arc<Failing>), Failure> {
    let layout = Layout::of(&system(), &["desk", "mail", "office"]);
    let store = Arc::new(Failing::over(MemoryStore::of(&layout)));
    let courier = Provider::named("courier", carry);
    let office = Rehearsal::over(system, Arc::clone(&store) as Arc<dyn Store>, courier)?;
    Ok((office, store))
}

fn carry(_: &str, wish: &Value, mood: &Mood) -> Value {
    assert!(!matches!(mood, Mood::Own(_)), "the courier panics");
    json!({ "carried": wish["line"] })
}

async fn write(office: &Rehearsal, letter: u64, line: u64) -> Result<Told, Failure> {
    tell(office, "Write", letter, Command::of(Write { line })).await
}

async fn sign(office: &Rehearsal, letter: u64) -> Result<Told, Failure> {
    tell(office, "Sign", letter, Command::of(Sign {})).await
}

async fn tell(
    office: &Rehearsal,
    name: &'static str,
    letter: u64,
    command: Command,
) -> Result<Told, Failure> {
    let order = Order {
        context: "desk",
        name,
        to: Target::ThisOrNew(Key::Number(letter)),
        command,
        by: Actor::new("신유나", "clerk"),
        key: None,
        trace: None,
        see_through: Duration::ZERO,
    };
    office.runtime().tell(order).await
}

fn aside(office: &Rehearsal, stage: &str) -> Vec<Delivery> {
    let all = office.runtime().deliveries("mail", Some(stage), 100).expect("it is there");
    all.into_iter().filter(|it| &*it.key.subscription == "Written -> Stamp").collect()
}

//! A command is decided once, whole, and under its key.

use std::{sync::Arc, time::Duration};

use crate::shop::{
    shop, system,
    till::{AddTo, RingUp},
};
use kernel::{Actor, Command, Key};
use rehearsal::{Provider, Rehearsal};
use runtime::{
    Failure, IdempotencyKey, Order, Runtime, Target, Told,
    store::{Layout, Store, StoreError},
};
use serde_json::json;
use store_memory::MemoryStore;

use crate::failing::Failing;

type Test = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn the_same_key_gets_the_same_answer_even_after_a_restart() -> Test {
    let mut shop = shop()?;
    let first = ring_up(shop.runtime(), 5, Some(key(1, 1))).await?;
    add(shop.runtime(), 1, 4).await?;
    shop.restart().await?;
    let again = ring_up(shop.runtime(), 5, Some(key(1, 1))).await?;
    assert!(again.again && !first.again);
    assert_eq!(again.of, first.of);
    assert_eq!(again.row.map(|it| it.row), first.row.map(|it| it.row), "as it was then");
    assert_eq!(shop.history("till").len(), 2);

    let other = ring_up(shop.runtime(), 6, Some(key(1, 2))).await.unwrap_err();
    assert!(matches!(other, Failure::KeyReused), "{other}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_at_work_says_so_and_is_decided_once() -> Test {
    let shop = shop()?;
    let runtime = shop.runtime();
    let (one, other) =
        tokio::join!(ring_up(runtime, 5, Some(key(1, 1))), ring_up(runtime, 5, Some(key(1, 1))),);
    assert!(one.is_ok());
    assert!(matches!(other, Err(Failure::KeyBusy)), "{other:?}");
    assert_eq!(shop.history("till").len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_not_made_by_asking_for_it() -> Test {
    let shop = shop()?;
    let missing = add(shop.runtime(), 7, 1).await.unwrap_err();
    assert_eq!(missing.to_string(), "there is no sale 7");
    assert!(shop.history("till").is_empty());
    assert_eq!(ring_up(shop.runtime(), 1, None).await?.of.number, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn many_at_once_on_one_aggregate_are_all_counted() -> Test {
    let shop = shop()?;
    ring_up(shop.runtime(), 0, None).await?;
    let mut adding = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let runtime = shop.runtime().clone();
        adding.spawn(async move { add(&runtime, 1, 1).await.map(|told| told.seen.1) });
    }
    let positions = adding.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(positions.len(), 500);
    assert_eq!(shop.row("sales", 1).unwrap(), json!({ "sum": 500, "times": 501 }));
    shop.every_state_is_its_history();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_has_changed_nothing_and_work_goes_on() -> Test {
    let (shop, store) = on_a_failing_store()?;
    ring_up(shop.runtime(), 5, None).await?;
    store.fail(Some(StoreError::Full(Arc::from(Box::from("no room")))));
    let failure = ring_up(shop.runtime(), 6, None).await.unwrap_err();
    assert!(failure.passes(), "{}", failure.story());
    let failure = add(shop.runtime(), 1, 6).await.unwrap_err();
    assert!(failure.passes(), "{}", failure.story());
    assert_eq!(shop.row("sales", 1).unwrap()["sum"], 5);

    store.fail(None);
    add(shop.runtime(), 1, 4).await?;
    assert_eq!(ring_up(shop.runtime(), 6, None).await?.of.number, 2, "no number was lost");
    shop.quiet().await;
    assert_eq!(shop.row("sales", 1).unwrap(), json!({ "sum": 9, "times": 2 }));
    shop.every_state_is_its_history();
    assert_eq!(shop.ledger().iter().map(|entry| entry.done).sum::<u64>(), 12);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_database_that_breaks_says_so_for_good() -> Test {
    let (shop, store) = on_a_failing_store()?;
    let broken = shop.runtime().broken();
    assert!(!*broken.borrow());
    store.fail(Some(StoreError::Broken(Arc::from(Box::from("fsync failed")))));
    let failure = ring_up(shop.runtime(), 6, None).await.unwrap_err();
    assert!(failure.story().contains("fsync failed"), "{}", failure.story());
    assert!(*broken.borrow());
    Ok(())
}

fn on_a_failing_store() -> Result<(Rehearsal, Arc<Failing>), Failure> {
    let layout = Layout::of(&system(), &["till", "ledger"]);
    let store = Arc::new(Failing::over(MemoryStore::of(&layout)));
    let printer = Provider::named("printer", |_, wish, _| json!({ "printed": wish["amount"] }));
    let shop = Rehearsal::over(system, Arc::clone(&store) as Arc<dyn Store>, printer)?;
    Ok((shop, store))
}

async fn ring_up(
    runtime: &Runtime,
    amount: i64,
    key: Option<IdempotencyKey>,
) -> Result<Told, Failure> {
    tell(runtime, "RingUp", Target::New, Command::of(RingUp { amount }), key).await
}

async fn add(runtime: &Runtime, sale: u64, amount: i64) -> Result<Told, Failure> {
    let to = Target::This(Key::Number(sale));
    tell(runtime, "AddTo", to, Command::of(AddTo { amount }), None).await
}

async fn tell(
    runtime: &Runtime,
    name: &'static str,
    to: Target,
    command: Command,
    key: Option<IdempotencyKey>,
) -> Result<Told, Failure> {
    let (by, see_through) = (Actor::new("신유나", "clerk"), Duration::ZERO);
    let order = Order { context: "till", name, to, command, by, key, trace: None, see_through };
    runtime.tell(order).await
}

fn key(scope: u128, body: u128) -> IdempotencyKey {
    IdempotencyKey { scope, body }
}

//! Several processes of one business on one database.

use std::time::Duration;

use kernel::{Actor, Command, Key};
use rehearsal::{Provider, Rehearsal};
use runtime::{Came, Entry, IdempotencyKey, Order, Target, lab::Mood, store::Layout};
use serde_json::{Value, json};
use store_memory::MemoryStore;
use tokio::time::sleep;

use crate::{letters, shop::shared_shop};

type Test = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn both_take_commands_about_one_and_the_same_and_nothing_is_lost_or_twice() -> Test {
    let one = shared_shop()?;
    let two = one.beside()?;
    ring_up(&one, 1).await?;
    for _ in 0..50 {
        let (left, right) = tokio::join!(add(&one, 1), add(&two, 1));
        left?;
        right?;
    }
    quiet(&[&one, &two]).await;
    let history = one.runtime().events("till", None, 0, 1000)?;
    let positions: Vec<_> = history.iter().map(|event| (event.position, event.version)).collect();
    assert_eq!(positions, (1..=101).map(|it| (it, it)).collect::<Vec<_>>());
    for shop in [&one, &two] {
        let sales = row(shop, "till", "sales").ok_or("no row")?;
        assert_eq!(sales["sum"], 101, "own rows");
        let entries = row(shop, "ledger", "entries").ok_or("no row")?;
        assert_eq!(entries["rung_up"], 101, "rows of others");
        assert!(shop.runtime().ledger().await?.iter().all(Entry::adds_up));
    }
    assert_eq!(one.provider().done().len(), 101);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_other_goes_on_with_the_deliveries_when_one_is_killed() -> Test {
    let one = shared_shop()?;
    ring_up(&one, 1).await?;
    quiet(&[&one]).await;
    let two = one.beside()?;
    ring_up(&two, 2).await?;
    one.kill().await;
    sleep(Duration::from_secs(1)).await;
    ring_up(&two, 3).await?;
    sleep(Duration::from_secs(9)).await; // F-26: taken over in ten seconds
    let entries = two.runtime().ledger().await?;
    assert!(entries.iter().all(|it| it.committed == it.done && it.adds_up()), "{entries:#?}");
    assert_eq!(two.provider().done().len(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_given_back_is_taken_at_once() -> Test {
    let one = shared_shop()?;
    quiet(&[&one]).await;
    let two = one.beside()?;
    sleep(Duration::from_secs(1)).await;
    one.stop().await;
    ring_up(&two, 3).await?;
    sleep(Duration::from_millis(1500)).await;
    let entries = two.runtime().ledger().await?;
    assert!(entries.iter().all(|it| it.committed == it.done), "{entries:#?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lease_from_before_the_clock_went_back_is_taken_over_too() -> Test {
    let one = shared_shop()?;
    let two = one.beside()?;
    quiet(&[&one, &two]).await;
    one.clock().set(-2 * 60 * 60 * 1_000);
    one.kill().await;
    ring_up(&two, 3).await?;
    sleep(Duration::from_secs(10)).await;
    let entries = two.runtime().ledger().await?;
    assert!(entries.iter().all(|it| it.committed == it.done), "{entries:#?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_parked_can_be_tried_again_at_any_process() -> Test {
    let store = MemoryStore::shared(&Layout::of(&letters::system(), &["desk", "mail", "office"]));
    let one = Rehearsal::over(letters::system, store, Provider::named("courier", carry))?;
    let two = one.beside()?;
    // Nobody has a stamp for thirteen.
    let command = Command::of(letters::Write { line: 13 });
    one.runtime().tell(keyless("desk", "Write", command)).await?;
    for shop in [&one, &two] {
        sleep(Duration::from_mins(1)).await;
        let parked = shop.runtime().deliveries("mail", Some("parked"), 10)?;
        let key = parked.into_iter().next().ok_or("nothing is parked")?.key;
        let by = Actor::new("권나래", "operator");
        let came = shop.runtime().replay("mail", key, by, "a stamp may be there").await?;
        assert!(matches!(came, Came::Failed(_)), "{came:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_key_at_two_processes_at_once_is_one_command() -> Test {
    let one = shared_shop()?;
    let two = one.beside()?;
    let told = tokio::join!(
        one.runtime().tell(keyed(&one, 7)?),
        two.runtime().tell(keyed(&two, 7)?),
        two.runtime().tell(keyed(&two, 8)?),
    );
    let (first, second, other) = (told.0?, told.1?, told.2?);
    assert_eq!((first.of.number, first.again), (1, false));
    assert_eq!((second.of.number, second.again), (1, true));
    assert_eq!((other.of.number, other.again), (2, false));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_follows_a_view_at_one_hears_of_what_the_other_wrote() -> Test {
    let one = shared_shop()?;
    let two = one.beside()?;
    let mut own = two.runtime().changes("sales").ok_or("no such view")?;
    let mut others = two.runtime().changes("entries").ok_or("no such view")?;
    ring_up(&one, 5).await?;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(own.try_recv()?.number(), Some(1));
    assert_eq!(others.try_recv()?.number(), Some(1));
    Ok(())
}

fn keyed(shop: &Rehearsal, key: u128) -> Result<Order, Box<dyn std::error::Error>> {
    let runtime = shop.runtime();
    let context = runtime.system().context("till").ok_or("no till")?;
    let (_, rule) = context.rule("RingUp").ok_or("no such rule")?;
    Ok(Order {
        context: context.name,
        name: rule.command.name,
        to: Target::New,
        command: rule.read(br#"{"amount":5}"#)?,
        by: Actor::new("who", "clerk"),
        key: Some(IdempotencyKey { scope: key, body: key }),
        trace: None,
        see_through: Duration::ZERO,
    })
}

fn keyless(context: &'static str, name: &'static str, command: Command) -> Order {
    Order {
        context,
        name,
        to: Target::ThisOrNew(Key::Number(1)),
        command,
        by: Actor::new("who", "clerk"),
        key: None,
        trace: None,
        see_through: Duration::ZERO,
    }
}

fn carry(_: &str, wish: &Value, _: &Mood) -> Value {
    json!({ "carried": wish["line"] })
}

async fn ring_up(shop: &Rehearsal, amount: i64) -> Result<u64, String> {
    shop.done("a", "RingUp", "", json!({ "amount": amount })).await
}

async fn add(shop: &Rehearsal, amount: i64) -> Result<u64, String> {
    shop.done("a", "AddTo", "1", json!({ "amount": amount })).await
}

async fn quiet(shops: &[&Rehearsal]) {
    sleep(Duration::from_secs(20)).await;
    for shop in shops {
        shop.quiet().await;
    }
}

fn row(shop: &Rehearsal, context: &str, view: &str) -> Option<Value> {
    let runtime = shop.runtime();
    let view = runtime.system().context(context).and_then(|it| it.shown(view))?;
    let shown = runtime.row(context, view, 1).ok()??;
    serde_json::from_slice(&shown.row).ok()
}

#[tokio::test(start_paused = true)]
async fn a_view_that_one_has_rebuilt_is_new_to_the_other() -> Test {
    let one = shared_shop()?;
    let two = one.beside()?;
    ring_up(&one, 5).await?;
    add(&two, 2).await?;
    quiet(&[&one, &two]).await;
    let mut told = two.runtime().changes("sales").ok_or("no such view")?;
    one.runtime().start_rebuild("till", "sales")?;
    one.runtime().rebuilt("till", "sales").await?;
    let difference = one.runtime().switch_rebuild("till", "sales").await?;
    assert_eq!((difference.same, difference.changed), (1, 0));
    add(&two, 1).await?;
    assert_eq!(told.try_recv()?.number(), None, "whoever listens there looks again");
    assert_eq!(row(&two, "till", "sales"), Some(json!({ "sum": 8, "times": 3 })));
    Ok(())
}

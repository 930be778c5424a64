//! A view rebuilt beside the one that is shown.

use std::{sync::Arc, time::Duration};

use crate::shop::system;
use rehearsal::{Provider, Rehearsal};
use runtime::{
    Changed,
    rebuild::{Phase, Verdict},
    store::{Batch, Changes, Layout, Row, Store},
};
use serde_json::{Value, json};
use store_memory::MemoryStore;

type Test = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn a_doctored_row_is_the_one_difference_and_is_mended_by_the_switch() -> Test {
    let (shop, store) = over()?;
    for amount in 1..=30 {
        ring_up(&shop, amount).await?;
    }
    shop.quiet().await;
    doctor(&*store, 7, &json!({ "sum": 1_000_000, "times": 1 }));
    let runtime = shop.runtime().clone();
    let mut changes = runtime.changes("sales").ok_or("nobody tells of sales")?;

    runtime.start_rebuild("till", "sales")?;
    let rebuild = runtime.rebuilt("till", "sales").await?;
    assert_eq!(rebuild.phase, Phase::Ready, "{:?}", rebuild.reason);
    let difference = rebuild.difference.ok_or("no difference")?;
    assert_eq!(figures(&difference), (29, 1, 0, 0));
    let example = &difference.examples[0];
    assert_eq!((example.number, example.verdict), (7, Verdict::Changed));
    let field = &example.fields[0];
    assert_eq!((&*field.name, &field.shown), ("sum", &Some(json!(1_000_000))));
    assert_eq!((&field.rebuilt, example.fields.len()), (&Some(json!(7)), 1));
    assert_eq!(shop.row("sales", 7).ok_or("gone")?["sum"], 1_000_000, "shown all the time");

    let again = runtime.start_rebuild("till", "sales").unwrap_err();
    assert!(again.to_string().contains("waits for the switch"), "{again}");

    assert_eq!(figures(&runtime.switch_rebuild("till", "sales").await?), (29, 1, 0, 0));
    assert_eq!(shop.row("sales", 7), Some(json!({ "sum": 7, "times": 1 })));
    let told = changes.try_recv()?;
    let Changed::Row { number, version, .. } = &*told else { return Err("all".into()) };
    assert_eq!((*number, *version), (7, 2), "a greater version than the one that was shown");
    assert!(changes.try_recv().is_err(), "nothing else has changed");

    shop.done("신유나", "AddTo", "7", json!({ "amount": 3 })).await?;
    assert_eq!(shop.row("sales", 7), Some(json!({ "sum": 10, "times": 2 })), "not what was cached");
    runtime.start_rebuild("till", "sales")?;
    let rebuild = runtime.rebuilt("till", "sales").await?;
    assert_eq!(figures(&rebuild.difference.ok_or("no difference")?), (30, 0, 0, 0));
    runtime.cancel_rebuild("till", "sales").await?;
    assert_eq!(runtime.rebuild("till", "sales").map(|it| it.phase), Some(Phase::Cancelled));
    assert!(runtime.switch_rebuild("till", "sales").await.is_err(), "there is nothing to switch");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_of_others_catches_up_before_the_switch() -> Test {
    let (shop, store) = over()?;
    for amount in [5, 4, 6] {
        ring_up(&shop, amount).await?;
    }
    shop.quiet().await;
    let runtime = shop.runtime().clone();
    let difference = rebuilt(&shop, "ledger", "entries").await?;
    assert_eq!(figures(&difference), (3, 0, 0, 0), "{difference:?}");

    // While it waits for the word, more happens: the switch catches up with it.
    ring_up(&shop, 8).await?;
    shop.quiet().await;
    let row = Row {
        view: "entries",
        number: 99,
        version: 4,
        row: br#"{"amounts":[],"rung_up":0}"#.as_slice().into(),
        indexed: vec![],
    };
    commit(&*store, "ledger", row);
    let difference = runtime.switch_rebuild("ledger", "entries").await?;
    // A row that somebody adds by hand after the comparison is not known of.
    assert_eq!(figures(&difference), (4, 0, 0, 0), "{difference:?}");
    assert_eq!(shop.row("entries", 2), Some(json!({ "amounts": [4], "rung_up": 4 })));
    assert_eq!(shop.row("entries", 4), Some(json!({ "amounts": [8], "rung_up": 8 })));
    assert_eq!(shop.row("entries", 99), None);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn rows_that_are_missing_or_nobodys_are_told_apart() -> Test {
    let (shop, store) = over()?;
    for amount in 1..=2_000 {
        ring_up(&shop, amount).await?;
    }
    for number in 3_001..=3_025 {
        doctor(&*store, number, &json!({ "sum": 1, "times": 1 }));
    }
    doctor(&*store, 1_999, &json!("no row"));
    let runtime = shop.runtime().clone();
    let mut changes = runtime.changes("sales").ok_or("nobody tells of sales")?;
    let difference = rebuilt(&shop, "till", "sales").await?;
    assert_eq!(figures(&difference), (1_999, 1, 0, 25));
    assert_eq!(difference.examples.len(), 20);
    assert!(difference.examples[0].unreadable.is_some(), "{:?}", difference.examples[0]);
    runtime.switch_rebuild("till", "sales").await?;
    assert!(matches!(*changes.try_recv()?, Changed::All), "whoever listens looks again");
    assert_eq!(shop.row("sales", 3_001), None);

    // Something new gets a row, though its number lies below one that was there.
    ring_up(&shop, 4).await?;
    assert_eq!(shop.row("sales", 2_001).ok_or("no row")?["sum"], 4);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn while_commands_go_on_nothing_is_lost() -> Test {
    let (shop, _) = over()?;
    for amount in 1..=600 {
        ring_up(&shop, amount).await?;
    }
    shop.quiet().await;
    for (context, view) in [("till", "sales"), ("ledger", "entries")] {
        let runtime = shop.runtime().clone();
        runtime.start_rebuild(context, view)?;
        let refused = runtime.start_rebuild(context, view).unwrap_err();
        assert!(refused.to_string().contains("under way"), "{refused}");
        for amount in 1..=900_u64 {
            let sale = (amount % 600 + 1).to_string();
            shop.done("신유나", "AddTo", &sale, json!({ "amount": 2 })).await?;
        }
        let rebuild = runtime.rebuilt(context, view).await?;
        assert_eq!(rebuild.phase, Phase::Ready, "{:?}", rebuild.reason);
        let (switch, more) = tokio::join!(runtime.switch_rebuild(context, view), async {
            for amount in 1..=50_u64 {
                let sale = amount.to_string();
                shop.done("신유나", "AddTo", &sale, json!({ "amount": 1 })).await?;
            }
            Ok::<_, String>(())
        });
        more?;
        let difference = switch?;
        assert_eq!((difference.changed, difference.missing, difference.extra), (0, 0, 0));
        shop.quiet().await;
        is_its_history(&shop).await?;
    }
    Ok(())
}

/// Rebuilt once more in peace, it does not differ.
async fn is_its_history(shop: &Rehearsal) -> Test {
    for (context, view) in [("till", "sales"), ("ledger", "entries")] {
        let difference = rebuilt(shop, context, view).await?;
        assert_eq!((difference.changed, difference.missing, difference.extra), (0, 0, 0));
        shop.runtime().cancel_rebuild(context, view).await?;
    }
    Ok(())
}

async fn rebuilt(
    shop: &Rehearsal,
    context: &str,
    view: &str,
) -> Result<runtime::rebuild::Difference, Box<dyn std::error::Error>> {
    let runtime = shop.runtime();
    runtime.start_rebuild(context, view)?;
    let patience = Duration::from_mins(1);
    let rebuild = tokio::time::timeout(patience, runtime.rebuilt(context, view)).await??;
    rebuild.difference.ok_or_else(|| format!("{:?}", rebuild.reason).into())
}

fn over() -> Result<(Rehearsal, Arc<MemoryStore>), Box<dyn std::error::Error>> {
    let store = MemoryStore::of(&Layout::of(&system(), &["till", "ledger"]));
    let printer = Provider::named("printer", |_, wish, _| json!({ "printed": wish["amount"] }));
    Ok((Rehearsal::over(system, Arc::clone(&store) as _, printer)?, store))
}

fn figures(it: &runtime::rebuild::Difference) -> (u64, u64, u64, u64) {
    (it.same, it.changed, it.missing, it.extra)
}

fn doctor(store: &dyn Store, number: u64, row: &Value) {
    let text = if row.is_string() { "{no row".to_owned() } else { row.to_string() };
    let (row, indexed) = (text.into_bytes().into(), vec![row["sum"].as_i64().into()]);
    commit(store, "till", Row { view: "sales", number, version: 1, row, indexed });
}

fn commit(store: &dyn Store, context: &'static str, row: Row) {
    let changes = Changes { rows: vec![row], ..Changes::of(context) };
    store.commit(&Batch { changes: vec![changes] }).expect("a store in memory takes it");
}

async fn ring_up(shop: &Rehearsal, amount: i64) -> Result<u64, String> {
    shop.done("신유나", "RingUp", "", json!({ "amount": amount })).await
}

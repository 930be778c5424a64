//! What is stored already and cannot be read: each holds up its own case, with
//! the reason, and no other.

use kernel::{Evolve, Message, Recorded, System, View};
use runtime::{Came, EVENT_BYTES_MAX, Failure};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    shop::{SaleId, system, till::RungUp},
    stored::{File, Test, add, entry_of, parked, quiet, reason, rebuild, replay, ring_up, row},
};

const ENTER: &str = "RungUp -> Enter";
const PRINT: &str = "RungUp => printer";
const ENTRIES: &str = "entries";

/// Three sales; nobody has been told of them yet.
async fn three_sales() -> Result<File, Box<dyn std::error::Error>> {
    let file = File::new();
    let shop = file.open()?;
    shop.lab("ledger", "down");
    for amount in [5, 6, 8] {
        ring_up(&shop, amount).await?;
    }
    add(&shop, 2, 4).await?;
    shop.stop().await;
    Ok(file)
}

/// The second sale is held up in every subscription for this reason; the others
/// are not.
async fn only_the_second_is_held_up(file: &File, why: &str) -> Test {
    let shop = file.open()?;
    quiet(&shop).await;
    for subscription in [ENTER, PRINT, ENTRIES] {
        let entry = entry_of(&shop, subscription);
        assert_eq!((entry.committed, entry.done), (4, 2), "{entry:?}");
        assert_eq!((entry.parked, entry.waiting), (1, 1), "what comes later waits: {entry:?}");
        let parked = parked(&shop, subscription);
        assert_eq!((parked.len(), &*parked[0].case.to_string()), (1, "sale/2"));
        assert!(reason(&parked[0]).contains(why), "{why}: {}", reason(&parked[0]));
    }
    assert_eq!(row(&shop, ENTRIES, 1), json!({ "amounts": [5], "rung_up": 5 }));
    assert_eq!(row(&shop, ENTRIES, 3), json!({ "amounts": [8], "rung_up": 8 }));

    // The journal can be read all the same, and says which it is.
    let events = shop.runtime().events("till", None, 0, 10)?;
    assert_eq!(events.len(), 4);
    for event in &events {
        let checked = shop.runtime().check_event(event);
        assert_eq!(checked.is_err(), event.position == 2, "{checked:?}");
    }
    let since = [("till".to_owned(), 0), ("ledger".to_owned(), 0)];
    let system = shop.runtime().system();
    let view = system.context("ledger").and_then(|it| it.shown(ENTRIES)).ok_or("no view")?;
    let changed = shop.runtime().changed_since("ledger", view, &since, 100).await?;
    assert!(changed.is_some());

    // And new work goes on.
    ring_up(&shop, 9).await?;
    quiet(&shop).await;
    assert_eq!(row(&shop, ENTRIES, 4), json!({ "amounts": [9], "rung_up": 9 }));
    shop.stop().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_field_is_wrong_holds_up_its_case() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":"six"}' WHERE position = 2"#)?;
    only_the_second_is_held_up(&file, "amount: invalid type: string \"six\"").await?;

    // Mended by hand and replayed, the case goes on in its order.
    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":6}' WHERE position = 2"#)?;
    let shop = file.open()?;
    for subscription in [ENTER, PRINT, ENTRIES] {
        let key = parked(&shop, subscription).remove(0).key;
        assert_eq!(replay(&shop, key).await?, Came::Done);
    }
    quiet(&shop).await;
    assert_eq!(row(&shop, ENTRIES, 2), json!({ "amounts": [6, 4], "rung_up": 10 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_event_that_lacks_a_field_holds_up_its_case() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/journal" SET body = '{}' WHERE position = 2"#)?;
    only_the_second_is_held_up(&file, "missing field `amount`").await
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_no_json_holds_up_its_case() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/journal" SET body = x'ff00' WHERE position = 2"#)?;
    only_the_second_is_held_up(&file, "RungUp").await
}

#[tokio::test(start_paused = true)]
async fn an_event_in_a_newer_shape_holds_up_its_case() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/journal" SET schema = 9 WHERE position = 2"#)?;
    only_the_second_is_held_up(&file, "version 9 is not known here").await
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_too_large_holds_up_its_case() -> Test {
    let file = three_sales().await?;
    let padded = format!("'{{\"amount\":6' || printf('%*s', {EVENT_BYTES_MAX}, '') || '}}'");
    file.doctor(&format!(r#"UPDATE "till/journal" SET body = {padded} WHERE position = 2"#))?;
    only_the_second_is_held_up(&file, &format!("no event may have more than {EVENT_BYTES_MAX}"))
        .await
}

#[tokio::test(start_paused = true)]
async fn a_command_whose_event_would_be_too_large_changes_nothing() -> Test {
    let file = File::new();
    let shop = file.open()?;
    ring_up(&shop, 5).await?;
    let write = |length| {
        let text = "x".repeat(length);
        shop.tell("신유나", "WriteOn", "1", json!({ "text": text }))
    };
    let around = r#"{"text":""}"#.len();
    let refused = write(EVENT_BYTES_MAX - around + 1).await;
    let Err(Failure::TooLarge { bytes, most, .. }) = refused else { return Err("taken".into()) };
    assert_eq!((bytes, most), (EVENT_BYTES_MAX + 1, EVENT_BYTES_MAX));
    assert_eq!(shop.history("till"), ["RungUp"]);
    write(EVENT_BYTES_MAX - around).await?;
    add(&shop, 1, 2).await?;
    assert_eq!(shop.history("till"), ["RungUp", "WrittenOn", "RungUp"]);
    shop.every_state_is_its_history();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_holds_up_its_case() -> Test {
    let file = File::new();
    let shop = file.open()?;
    for amount in [5, 666, 667, 8] {
        ring_up(&shop, amount).await?;
    }
    quiet(&shop).await;
    for (subscription, case, why) in
        [(ENTRIES, "sale/2", "not shown"), (ENTER, "sale/3", "not entered")]
    {
        let parked = parked(&shop, subscription);
        assert_eq!((parked.len(), &*parked[0].case.to_string()), (1, case));
        assert!(reason(&parked[0]).contains(why), "{}", reason(&parked[0]));
        let entry = entry_of(&shop, subscription);
        assert_eq!((entry.committed, entry.done, entry.parked), (4, 3, 1), "{entry:?}");
    }
    assert_eq!(row(&shop, ENTRIES, 4), json!({ "amounts": [8], "rung_up": 8 }));

    // What was not shown is left out of the rebuild too; so nothing differs.
    let difference = rebuild(&shop, "ledger", ENTRIES).await?;
    assert_eq!((difference.same, difference.changed, difference.missing), (4, 0, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_read_waits_for_the_rebuild() -> Test {
    let file = three_sales().await?;
    let shop = file.open()?;
    quiet(&shop).await;
    shop.stop().await;
    file.doctor(r#"UPDATE "ledger/view/entries" SET row = '{"amounts":"6"}' WHERE number = 2"#)?;
    let shop = file.open()?;
    for sale in 1..=3 {
        add(&shop, sale, 20).await?;
    }
    quiet(&shop).await;
    assert_eq!(row(&shop, ENTRIES, 1), json!({ "amounts": [5, 20], "rung_up": 25 }));
    assert_eq!(row(&shop, ENTRIES, 3), json!({ "amounts": [8, 20], "rung_up": 28 }));
    let held_up = shop.runtime().deliveries("ledger", Some("parked"), 9)?;
    assert_eq!(held_up.len(), 2, "the till's event and the ledger's: {held_up:#?}");
    for delivery in &held_up {
        assert_eq!((&*delivery.key.subscription, delivery.case.number), (ENTRIES, 2));
        let why = reason(delivery);
        assert!(why.contains("row 2 of entries cannot be read (invalid type"), "{why}");
        assert!(why.contains("rebuild the view entries"), "{why}");
    }

    let difference = rebuild(&shop, "ledger", ENTRIES).await?;
    assert_eq!((difference.same, difference.changed), (2, 1), "{difference:?}");
    assert_eq!(row(&shop, ENTRIES, 2), json!({ "amounts": [6, 4], "rung_up": 10 }));
    for delivery in held_up {
        replay(&shop, delivery.key).await?;
    }
    quiet(&shop).await;
    assert_eq!(row(&shop, ENTRIES, 2), json!({ "amounts": [6, 4, 20], "rung_up": 30 }));

    // What was late in the old rows is late in the new ones: nothing differs.
    let difference = rebuild(&shop, "ledger", ENTRIES).await?;
    assert_eq!((difference.same, difference.changed), (3, 0), "{difference:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_delivered_while_a_rebuild_waits_is_in_the_new_rows() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":"six"}' WHERE position = 2"#)?;
    let shop = file.open()?;
    quiet(&shop).await;
    let runtime = shop.runtime();
    runtime.start_rebuild("ledger", ENTRIES)?;
    let rebuilt = runtime.rebuilt("ledger", ENTRIES).await?;
    let difference = rebuilt.difference.ok_or("none")?;
    assert_eq!((difference.same, difference.changed), (2, 0), "{difference:?}");

    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":6}' WHERE position = 2"#)?;
    replay(&shop, parked(&shop, ENTRIES).remove(0).key).await?;
    quiet(&shop).await;
    let difference = runtime.switch_rebuild("ledger", ENTRIES).await?;
    assert_eq!((difference.same, difference.changed), (3, 0), "{difference:?}");
    assert_eq!(row(&shop, ENTRIES, 2), json!({ "amounts": [], "rung_up": 10 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_row_of_its_own_that_cannot_be_read_stops_no_command() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/view/sales" SET row = '{no row' WHERE number = 2"#)?;
    let shop = file.open()?;
    add(&shop, 2, 30).await?;
    add(&shop, 3, 30).await?;
    assert_eq!(row(&shop, "sales", 3), json!({ "sum": 38, "times": 2 }));
    let (system, runtime) = (shop.runtime().system(), shop.runtime());
    let view = system.context("till").and_then(|it| it.shown("sales")).ok_or("no view")?;
    let shown = runtime.row("till", view, 2)?.ok_or("no row")?;
    assert!(matches!(runtime.check_row(view, &shown), Err(Failure::BadRow { number: 2, .. })));

    let difference = rebuild(&shop, "till", "sales").await?;
    assert_eq!((difference.same, difference.changed), (2, 1));
    assert!(difference.examples[0].unreadable.is_some());
    assert_eq!(row(&shop, "sales", 2), json!({ "sum": 40, "times": 3 }));
    add(&shop, 2, 1).await?;
    assert_eq!(row(&shop, "sales", 2), json!({ "sum": 41, "times": 4 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_state_that_cannot_be_read_is_made_anew_of_its_history() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/thing/sale" SET state = '{"sum":"ten"}' WHERE number = 2"#)?;
    let shop = file.open()?;
    let takes = shop.runtime().takes("till", "sale", &[2])?;
    assert!(takes[0].contains(&"AddTo"), "a state to read: {takes:?}");
    add(&shop, 2, 7).await?;
    shop.every_state_is_its_history();
    shop.stop().await;

    // Where its history cannot be read either, it says so, and others go on.
    file.doctor(r#"UPDATE "till/thing/sale" SET state = 'ten' WHERE number = 1"#)?;
    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":"?"}' WHERE position = 1"#)?;
    let shop = file.open()?;
    let failed = add(&shop, 1, 1).await.unwrap_err();
    assert!(failed.contains("RungUp"), "{failed}");
    add(&shop, 3, 1).await?;
    Ok(())
}

/// The greatest amount of a sale.
#[derive(Default, Clone, Serialize, Deserialize, Message)]
#[of(SaleId)]
struct GreatestRow {
    amount: i64,
}

impl Evolve<RungUp> for GreatestRow {
    fn evolve(&mut self, it: &Recorded<RungUp>) {
        self.amount = self.amount.max(it.amount);
    }
}

fn with_a_new_view() -> System {
    let mut system = system();
    let till = system.contexts.remove(0);
    let till = till.view(View::<GreatestRow>::named("greatest").shows::<RungUp>());
    system.contexts.insert(0, till);
    system
}

#[tokio::test(start_paused = true)]
async fn a_new_view_over_what_cannot_be_read_stops_the_start_with_the_case() -> Test {
    let file = three_sales().await?;
    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":"six"}' WHERE position = 2"#)?;
    let Err(failure) = file.open_as(with_a_new_view) else { return Err("it starts".into()) };
    let story = failure.story();
    for part in ["the view greatest is new", "event till:2 of sale/2", "amount"] {
        assert!(story.contains(part), "{part}: {story}");
    }
    only_the_second_is_held_up(&file, "amount").await
}

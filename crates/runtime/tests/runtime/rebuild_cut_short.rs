//! A rebuild that ends at any of its steps: what is shown is whole, before the
//! switch or after it, and a start leaves no shadow.

use std::sync::Arc;

use runtime::rebuild::Phase;
use serde_json::json;

use crate::{
    failing::Failing,
    stored::{File, Test, add, rebuild, ring_up, row},
};

/// More than are written in one commit.
const SALES: u64 = 520;

#[tokio::test(start_paused = true)]
async fn at_each_step_it_can_end_and_nothing_is_lost() -> Test {
    let file = File::new();
    let shop = file.open()?;
    for amount in 1..=SALES {
        ring_up(&shop, i64::try_from(amount)?).await?;
    }
    shop.stop().await;
    file.doctor(r#"UPDATE "till/view/sales" SET row = '{"sum":0,"times":9}' WHERE number = 8"#)?;

    let (mut switched, mut steps) = (false, 0);
    for last in 0.. {
        let failing = Arc::new(Failing::over(Arc::new(file.store())).end_after(last));
        let shop = File::open_over(Arc::clone(&failing) as _)?;
        let came = rebuild(&shop, "till", "sales").await;
        let is_over = failing.is_dead();
        assert_eq!(row(&shop, "sales", 3)["sum"], 3, "it can be read to the end");
        shop.stop().await;
        drop(failing);
        if is_over && came.is_err() {
            assert!(file.tables("%/shadow/%")? > 0 || last == 0, "step {last} leaves a shadow");
        }

        let shop = file.open()?;
        assert_eq!(file.tables("%/shadow/%")?, 0, "after step {last}");
        let doctored = row(&shop, "sales", 8)["sum"] == 0;
        assert_eq!(doctored, !(switched || came.is_ok()), "after step {last}: {came:?}");
        switched |= came.is_ok();
        let view = shop.runtime().system().context("till").and_then(|it| it.shown("sales"));
        let rows = shop.runtime().count_rows("till", view.ok_or("no view")?, &[])?;
        assert_eq!(rows, SALES, "all of one, or all of the other");
        let refilled = add(&shop, 3, 0).await?;
        assert_eq!(refilled, 3);
        shop.stop().await;
        steps = last;
        if !is_over {
            break;
        }
    }
    assert!(steps > 5, "there are {steps} steps");
    let shop = file.open()?;
    assert_eq!(row(&shop, "sales", 8), json!({ "sum": 8, "times": 1 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_fails_says_so_and_can_be_tried_again() -> Test {
    let file = File::new();
    let shop = file.open()?;
    for amount in 1..=3 {
        ring_up(&shop, amount).await?;
    }
    shop.stop().await;
    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":"?"}' WHERE position = 2"#)?;
    let shop = file.open()?;
    shop.runtime().start_rebuild("till", "sales")?;
    let failed = shop.runtime().rebuilt("till", "sales").await?;
    let reason = failed.reason.unwrap_or_default();
    assert_eq!(failed.phase, Phase::Failed);
    assert!(reason.contains("event till:2 of sale/2 cannot be shown"), "{reason}");
    assert_eq!(row(&shop, "sales", 2), json!({ "sum": 2, "times": 1 }), "as it was");
    assert_eq!(file.tables("%/shadow/%")?, 0);

    file.doctor(r#"UPDATE "till/journal" SET body = '{"amount":2}' WHERE position = 2"#)?;
    let difference = rebuild(&shop, "till", "sales").await?;
    assert_eq!((difference.same, difference.changed), (3, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stops_in_the_middle_lets_go_of_its_database() -> Test {
    let file = File::new();
    let shop = file.open()?;
    for amount in 1..=3 {
        ring_up(&shop, amount).await?;
    }
    shop.runtime().start_rebuild("till", "sales")?;
    shop.runtime().rebuilt("till", "sales").await?;
    shop.stop().await;
    let shop = file.open()?;
    assert_eq!(file.tables("%/shadow/%")?, 0);
    assert!(shop.runtime().rebuild("till", "sales").is_none());
    Ok(())
}

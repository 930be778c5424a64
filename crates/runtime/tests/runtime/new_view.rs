//! A view that is added to a context with a history shows all of it.

use std::sync::Arc;

use crate::shop::{SaleId, system, till::RungUp};
use kernel::{Evolve, Message, Recorded, System, View};
use rehearsal::{Provider, Rehearsal};
use runtime::store::{Layout, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store_memory::MemoryStore;

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

fn grown() -> System {
    let mut system = system();
    let till = system.contexts.remove(0);
    let till = till.view(View::<GreatestRow>::named("greatest").shows::<RungUp>());
    system.contexts.insert(0, till);
    system
}

#[tokio::test(start_paused = true)]
async fn a_new_view_is_filled_from_the_history_once() -> Result<(), Box<dyn std::error::Error>> {
    let store: Arc<dyn Store> = MemoryStore::of(&Layout::of(&grown(), &["till", "ledger"]));
    let before = Rehearsal::over(system, Arc::clone(&store), printer())?;
    for amount in 0..1500 {
        before.done("신유나", "RingUp", "", json!({ "amount": amount })).await?;
    }
    before.done("신유나", "AddTo", "3", json!({ "amount": 40 })).await?;
    drop(before);

    let mut after = Rehearsal::over(grown, Arc::clone(&store), printer())?;
    assert_eq!(after.row("greatest", 3), Some(json!({ "amount": 40 })));
    assert_eq!(after.row("greatest", 1500), Some(json!({ "amount": 1499 })));
    after.done("신유나", "AddTo", "3", json!({ "amount": 50 })).await?;
    after.restart().await?;
    assert_eq!(after.row("greatest", 3), Some(json!({ "amount": 50 })));
    assert_eq!(after.row("sales", 3).map(|row| row["times"].clone()), Some(json!(3)), "not twice");
    Ok(())
}

fn printer() -> Provider {
    Provider::named("printer", |_, wish, _| json!({ "printed": wish["amount"] }))
}

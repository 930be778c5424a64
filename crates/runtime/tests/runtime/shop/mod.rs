//! A shop as small as it can be, with everything that can go wrong.

pub mod ledger;
pub mod till;

use kernel::{Id, Role, Sentence, System};
use rehearsal::{Provider, Rehearsal};
use runtime::{Failure, lab::Mood, store::Layout};
use serde_json::{Value, json};
use store_memory::MemoryStore;

pub enum Sale {}
pub type SaleId = Id<Sale>;
pub const CLERK: Role = Role::new("clerk", "근무자");

pub fn system() -> System {
    System {
        name: "shop",
        folder: "shop",
        title: Sentence::new("가게", "Shop"),
        contexts: vec![till::context(), ledger::context()],
    }
}

pub fn shop() -> Result<Rehearsal, Failure> {
    Rehearsal::of(system, Provider::named("printer", print))
}

/// For several processes on one store.
pub fn shared_shop() -> Result<Rehearsal, Failure> {
    let all = system();
    let contexts: Vec<_> = all.contexts.iter().map(|context| context.name).collect();
    let store = MemoryStore::shared(&Layout::of(&all, &contexts));
    Rehearsal::over(system, store, Provider::named("printer", print))
}

fn print(_: &str, wish: &Value, mood: &Mood) -> Value {
    assert!(!matches!(mood, Mood::Own(_)), "the printer panics");
    json!({ "printed": wish["amount"] })
}

//! The shop in a file, and somebody who writes to the file by hand.

use std::{sync::Arc, time::Duration};

use kernel::{Actor, System};
use rehearsal::{Provider, Rehearsal};
use runtime::{
    Came, Entry, Failure,
    store::{Delivery, DeliveryKey, Layout, Store},
};
use rusqlite::Connection;
use serde_json::{Value, json};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

use crate::shop::system;

pub type Test = Result<(), Box<dyn std::error::Error>>;

/// A file with the shop in it.
pub struct File(TempDir);

impl File {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    pub fn store(&self) -> SqliteStore {
        self.store_of(&system())
    }

    fn store_of(&self, system: &System) -> SqliteStore {
        let layout = Layout::of(system, &["till", "ledger"]);
        let path = self.0.path().join("it.db");
        SqliteStore::open(&path, layout, &Options::default()).expect("it opens")
    }

    /// Opens the shop; whoever had it open before must have stopped.
    pub fn open(&self) -> Result<Rehearsal, Failure> {
        Self::open_over(Arc::new(self.store()))
    }

    pub fn open_over(store: Arc<dyn Store>) -> Result<Rehearsal, Failure> {
        let printer = Provider::named("printer", |_, wish, _| json!({ "printed": wish["amount"] }));
        Rehearsal::over(system, store, printer)
    }

    /// Opens another version of the shop.
    pub fn open_as(&self, system: fn() -> System) -> Result<Rehearsal, Failure> {
        let printer = Provider::named("printer", |_, wish, _| json!({ "printed": wish["amount"] }));
        Rehearsal::over(system, Arc::new(self.store_of(&system())), printer)
    }

    /// Writes to the file by hand.
    pub fn doctor(&self, sql: &str) -> Result<(), rusqlite::Error> {
        let connection = Connection::open(self.0.path().join("it.db"))?;
        let changed = connection.execute(sql, [])?;
        assert_eq!(changed, 1, "{sql}");
        connection.close().map_err(|(_, error)| error)
    }

    /// How many tables have this in their names.
    pub fn tables(&self, like: &str) -> Result<u64, rusqlite::Error> {
        let connection = Connection::open(self.0.path().join("it.db"))?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE ?1";
        connection.query_one(sql, [like], |row| row.get(0))
    }
}

pub async fn ring_up(shop: &Rehearsal, amount: i64) -> Result<u64, String> {
    shop.done("신유나", "RingUp", "", json!({ "amount": amount })).await
}

pub async fn add(shop: &Rehearsal, sale: u64, amount: i64) -> Result<u64, String> {
    shop.done("신유나", "AddTo", &sale.to_string(), json!({ "amount": amount })).await
}

/// Waits until whatever fails has been tried often enough.
pub async fn quiet(shop: &Rehearsal) {
    tokio::time::sleep(Duration::from_mins(1)).await;
    shop.quiet().await;
}

pub fn entry_of(shop: &Rehearsal, subscription: &str) -> Entry {
    let mut ledger = shop.ledger().into_iter();
    let found = ledger.find(|it| *it.subscription == *subscription && it.source == "till");
    found.expect("it is there")
}

pub fn parked(shop: &Rehearsal, subscription: &str) -> Vec<Delivery> {
    let all = shop.runtime().deliveries("ledger", Some("parked"), 100).expect("they can be read");
    all.into_iter().filter(|it| *it.key.subscription == *subscription).collect()
}

pub fn reason(delivery: &Delivery) -> String {
    delivery.reason.as_ref().map(|it| it.en.clone()).unwrap_or_default()
}

pub fn row(shop: &Rehearsal, view: &str, number: u64) -> Value {
    shop.row(view, number).unwrap_or_default()
}

/// Rebuilds a view, and switches.
pub async fn rebuild(
    shop: &Rehearsal,
    context: &str,
    view: &str,
) -> Result<runtime::rebuild::Difference, Box<dyn std::error::Error>> {
    let runtime = shop.runtime();
    runtime.start_rebuild(context, view)?;
    let rebuild = runtime.rebuilt(context, view).await?;
    rebuild.difference.ok_or_else(|| rebuild.reason.unwrap_or_default())?;
    Ok(runtime.switch_rebuild(context, view).await?)
}

/// An operator has a delivery tried again.
pub async fn replay(shop: &Rehearsal, key: DeliveryKey) -> Result<Came, Failure> {
    let by = Actor::new("권나래", "operator");
    shop.runtime().replay("ledger", key, by, "고쳤어요").await
}

//! The business at work, on a database in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::Router;
use kernel::Time;
use rest::Rest;
use runtime::{
    Failure, Ground, Running, Runtime, Settings, Writing,
    lab::Mood,
    ports::{Chance, Clock, Outside, Pending},
    store::{Layout, Store},
};
use serde_json::{Value, json};
use store_sqlite::SqliteStore;

use crate::{ask::Ask, business::system};

/// The business at work.
pub struct Yard {
    _running: Running,
    pub rest: Rest,
    pub router: Router,
}

/// 2025-11-20 14:30 in Seoul.
pub const BEGINNING: i64 = 1_763_616_600_000;

impl Yard {
    /// Open, with a lab, at the root and below its name.
    pub fn open() -> Self {
        let system = system();
        let names: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
        let layout = Layout::of(&system, &names);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory(layout).unwrap());
        let ground = Ground {
            stores: vec![(store, names)],
            clock: Arc::new(Watch(Instant::now())),
            chance: Arc::new(Dice(AtomicU64::new(1))),
            outside: vec![Arc::new(Bank(AtomicBool::new(false)))],
            settings: Settings::default(),
            writing: Writing::AsTasks,
            owner: "test".into(),
            elsewhere: None,
            bus: None,
        };
        let running = Runtime::start(system, ground).unwrap();
        let mut rest = Rest::new(running.runtime.clone());
        rest.lab = true;
        rest.bases.push(String::new());
        let router = rest.router();
        Self { _running: running, rest, router }
    }

    pub fn get(&self, path: &str) -> Ask {
        Ask::of(&self.router, "GET", path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Ask {
        Ask::of(&self.router, "POST", path).json(body)
    }

    pub fn put(&self, path: &str) -> Ask {
        Ask::of(&self.router, "PUT", path)
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask {
        Ask::of(&self.router, method, path)
    }

    /// Orders something; which order it is.
    pub async fn order(&self, what: &str) -> u64 {
        let said = self.post("/orders", &json!({ "what": what, "count": 1 })).send().await;
        assert_eq!(said.status, 201, "{}", said.text());
        said.json()["id"].as_u64().unwrap()
    }

    /// Orders something that is on the shelf, and packs it.
    pub async fn packed(&self, what: &str) -> u64 {
        let ware = json!({ "code": what, "count": 5 });
        assert_eq!(self.post("/wares", &ware).send().await.status, 201);
        let order = self.order(what).await;
        let said = self.put(&format!("/orders/{order}/pack")).send().await;
        assert_eq!(said.status, 200, "{}", said.text());
        order
    }

    /// How many orders there are.
    pub async fn orders(&self) -> u64 {
        let list = self.get("/orders?size=1").send().await.json();
        list["page"]["totalElements"].as_u64().unwrap()
    }

    /// Makes somebody feel so.
    pub async fn lab(&self, name: &str, state: &str) {
        let ask = self.put(&format!("/ops/lab/{name}")).json(&json!({ "state": state }));
        assert_eq!(ask.send().await.status, 200);
    }

    /// Waits for something that will be so soon.
    pub async fn until(&self, path: &str, so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..600 {
            let said = self.get(path).send().await;
            if said.status == 200 && so(&said.json()) {
                return said.json();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} never became so: {}", self.get(path).send().await.text());
    }
}

struct Watch(Instant);
struct Dice(AtomicU64);
/// A bank; true while its answers cannot be read.
struct Bank(AtomicBool);

impl Clock for Watch {
    fn now(&self) -> Time {
        Time(BEGINNING).plus(self.0.elapsed())
    }
}

impl Chance for Dice {
    fn bits(&self) -> u128 {
        let next = self.0.fetch_add(1, Ordering::Relaxed);
        u128::from(next.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 32 | u128::from(next)
    }
}

impl Outside for Bank {
    fn name(&self) -> &'static str {
        "bank"
    }

    fn fulfil<'a>(
        &'a self,
        _: &'a str,
        _: &'a [u8],
        _: &'a str,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        let answer = if self.0.load(Ordering::Relaxed) { "perhaps" } else { "true" };
        Box::pin(async move { Ok(answer.as_bytes().to_vec()) })
    }

    fn moods(&self) -> &'static [&'static str] {
        &["decline", "garbled"]
    }

    fn feel(&self, mood: &Mood) {
        self.0.store(*mood == Mood::Own("garbled".into()), Ordering::Relaxed);
    }
}

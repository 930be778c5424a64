//! One repair over two parts of the centre that know each other only by HTTP.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use appliance_repair::system;
use between::{Client, Door, Keys, Target};
use kernel::Time;
use rehearsal::{Part, Provider, Rehearsal};
use runtime::{ports::Clock, store::Layout};
use serde_json::{Value, json};
use store_memory::MemoryStore;
use tokio::{net::TcpListener, time::sleep};

type Test = Result<(), Box<dyn std::error::Error>>;

const FRONT: [&str; 2] = ["request", "service"];
const BACK: [&str; 3] = ["stock", "payment", "progress"];

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Time {
        Time(1_767_571_200_000)
    }
}

fn keys(secret: char) -> Result<Arc<Keys>, Box<dyn std::error::Error>> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), secret.to_string().repeat(32))?;
    Ok(Arc::new(Keys::from_file(file.path())?))
}

/// A part that finds the others at this port.
fn part(
    contexts: &[&'static str],
    others: &[&str],
    port: u16,
) -> Result<Rehearsal, Box<dyn std::error::Error>> {
    let targets: Result<BTreeMap<_, _>, _> = others
        .iter()
        .map(|it| {
            Target::of([&*format!("http://localhost:{port}")]).map(|at| ((*it).to_owned(), at))
        })
        .collect();
    let client = Client::of(&system(), targets?, keys('k')?, Arc::new(Fixed));
    let store = MemoryStore::of(&Layout::of(&system(), contexts));
    let contexts = contexts.to_vec();
    let stands = Part { contexts, elsewhere: Arc::new(client), bus: None, store };
    Ok(Rehearsal::part(system, stands, Provider::named("payment-provider", pay))?)
}

/// The door of a part that is not going to stop.
fn door(part: &Rehearsal) -> Result<axum::Router, Box<dyn std::error::Error>> {
    let (never, ending) = tokio::sync::watch::channel(false);
    let (runtime, keys, clock) = (part.runtime().clone(), keys('k')?, Arc::new(Fixed));
    std::mem::forget(never);
    Ok(Door { runtime, keys, clock, ending }.router())
}

fn pay(_: &str, wish: &Value, _: &runtime::lab::Mood) -> Value {
    json!({ "outcome": "captured", "paymentKey": wish["orderId"] })
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} did not happen");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_repair_over_two_processes() -> Test {
    let (front_port, back_port) =
        (TcpListener::bind("localhost:0").await?, TcpListener::bind("localhost:0").await?);
    let front = part(&FRONT, &BACK, back_port.local_addr()?.port())?;
    let back = part(&BACK, &FRONT, front_port.local_addr()?.port())?;
    for (listener, part) in [(front_port, &front), (back_port, &back)] {
        let door = door(part)?;
        tokio::spawn(async move { axum::serve(listener, door).await });
    }

    back.done("권나래", "ReceiveParts", "", parts(5)).await?;
    assert_eq!(front.done("홍길동", "RequestService", "", television()).await?, 1);
    until("a job", || front.row("services", 1).is_some()).await;
    front.done("김도현", "AcceptJob", "1", json!({})).await?;
    assert_eq!(back.row("stocks", 1).ok_or("no part")?["available"], 4);
    front.done("김도현", "CompleteRepair", "1", json!({})).await?;
    assert_eq!(front.row("services", 1).ok_or("no job")?["status"], "PAID");
    until("progress", || {
        back.row("progressViews", 1).is_some_and(|row| row["payStatus"] == "PAID")
    })
    .await;
    for part in [&front, &back] {
        let ledger = part.runtime().ledger().await?;
        assert!(ledger.iter().all(runtime::Entry::adds_up), "{ledger:#?}");
        assert!(ledger.iter().any(|it| it.committed > 0));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_answered() -> Test {
    let port = TcpListener::bind("localhost:0").await?;
    let target = format!("http://localhost:{}", port.local_addr()?.port());
    let alone = part(&BACK, &FRONT, 1)?;
    let inside = door(&alone)?;
    tokio::spawn(async move { axum::serve(port, inside).await });
    let targets = BTreeMap::from([("stock".to_owned(), Target::of([&*target])?)]);
    let stranger = Client::of(&system(), targets, keys('x')?, Arc::new(Fixed));
    let answer = runtime::ports::Elsewhere::count(&stranger, "stock", 0, &[]).await;
    let why = answer.map(drop).map_err(|it| it.to_string()).expect_err("a stranger");
    assert!(why.contains("stock does not answer: only processes of this deployment"), "{why}");
    Ok(())
}

fn television() -> Value {
    json!({ "symptom": "화면이 안나와요", "productId": "1", "customerName": "Hong" })
}

fn parts(count: u32) -> Value {
    json!({ "relatedProductId": "1", "stock": count, "unitPrice": 5000 })
}

//! The repair centre at work when the power fails, and again afterwards.

use std::{ops::Range, sync::Arc};

use appliance_repair::system;
use rehearsal::{Provider, Rehearsal};
use runtime::{lab::Mood, store::Store};
use serde_json::{Value, json};
use store_sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::{folder, script::layout, session::options};
use crate::{
    dice::Dice,
    disk::{Disk, Kind, Plan, Remains},
    report::Report,
};

/// How many repairs there are in one trial, at the most.
const REPAIRS: u64 = 12;

/// What people were told.
#[derive(Debug, Default)]
struct Told {
    /// The last request that was made.
    requests: u64,
    /// Jobs that were completed.
    repaired: Vec<u64>,
}

/// The power fails at a random moment of a working day, for every seed; then
/// the day goes on, and in the end the ledger must add up.
///
/// # Panics
///
/// When there is no folder to work in.
pub fn run(seeds: Range<u64>) -> Report {
    let mut report = Report::of("power loss in the middle of a working day");
    for seed in seeds {
        report.add("trials", 1);
        if let Err(how) = trial(seed, &mut report) {
            report.wrong(seed, how);
        }
    }
    report
}

fn trial(seed: u64, report: &mut Report) -> Result<(), String> {
    let dice = Dice::of(seed, 0xb059);
    let folder = folder::new();
    let at = if dice.percent(20) { dice.below(300) } else { dice.below(9_000) };
    let (told, remains) = morning(&folder, Plan::PowerFails(Kind::Any, at), &dice)?;
    report.add("requests acknowledged", told.requests);
    report.add("repairs acknowledged", told.repaired.len() as u64);
    report.add("during a checkpoint", remains.in_checkpoint.into());
    let folder = folder::new();
    remains.put_into(folder.path()).expect("the remains can be put down");
    afternoon(&folder, &told, &dice)
}

/// As long as there is power.
fn morning(folder: &TempDir, plan: Plan, dice: &Dice) -> Result<(Told, Remains), String> {
    let disk = Disk::over(folder.path(), plan, dice.bits());
    let mut told = Told::default();
    let store = match open(folder, dice) {
        Ok(store) => store,
        Err(_) if disk.is_off() => return Ok((told, disk.remains())),
        Err(error) => return Err(error),
    };
    let ended = in_one_thread(async {
        let centre = start(store)?;
        work(&centre, &mut told, &disk).await
    });
    match ended {
        Err(error) if !disk.is_off() => Err(error),
        _ => Ok((told, disk.remains())),
    }
}

/// What is left is opened, settles, and is worked on.
fn afternoon(folder: &TempDir, told: &Told, dice: &Dice) -> Result<(), String> {
    let disk = Disk::over(folder.path(), Plan::Calm, 0);
    let store = open(folder, dice)?;
    in_one_thread(async {
        let centre = start(store)?;
        centre.quiet().await;
        for (view, count) in [("requests", told.requests), ("services", told.requests)] {
            let gone = (1..=count).find(|number| centre.row(view, *number).is_none());
            if let Some(number) = gone {
                return Err(format!("{number} of {view} was acknowledged, and is gone"));
            }
        }
        for number in &told.repaired {
            let status = centre.row("services", *number).map(|it| it["status"].clone());
            if status != Some(json!("PAID")) {
                return Err(format!("job {number} was completed, and is {status:?}"));
            }
        }
        all_adds_up(&centre)?;
        let mut more = Told::default();
        work(&centre, &mut more, &disk).await?;
        centre.quiet().await;
        if more.repaired.is_empty() {
            return Err("nothing could be repaired any more".to_owned());
        }
        all_adds_up(&centre)
    })
}

/// Parts come in, people ask, engineers accept and repair.
async fn work(centre: &Rehearsal, told: &mut Told, disk: &Disk) -> Result<(), String> {
    let parts = json!({ "relatedProductId": "1", "stock": REPAIRS, "unitPrice": 5000 });
    centre.done("권나래", "ReceiveParts", "", parts).await?;
    for _ in 0..REPAIRS {
        let television =
            json!({ "symptom": "화면이 안나와요", "productId": "1", "customerName": "홍길동" });
        let number = centre.done("홍길동", "RequestService", "", television).await?;
        told.requests = told.requests.max(number);
        if disk.is_off() {
            return Err("the power has failed".to_owned());
        }
        centre.quiet().await;
        let job = number.to_string();
        centre.done("김도현", "AcceptJob", &job, json!({})).await?;
        centre.done("김도현", "CompleteRepair", &job, json!({})).await?;
        told.repaired.push(number);
    }
    Ok(())
}

/// Nothing is left over, and every state is what its history makes of it.
fn all_adds_up(centre: &Rehearsal) -> Result<(), String> {
    centre.every_state_is_its_history();
    for entry in centre.ledger() {
        let later = &*entry.subscription == "Repaired -> MarkReceivable";
        let open = entry.failed + entry.parked + if later { 0 } else { entry.waiting };
        if open > 0 {
            return Err(format!("something is left over: {entry:?}"));
        }
    }
    Ok(())
}

fn open(folder: &TempDir, dice: &Dice) -> Result<Arc<SqliteStore>, String> {
    let store = SqliteStore::open(&folder.path().join("it.db"), layout(), &options(dice, true));
    store.map(Arc::new).map_err(|error| error.to_string())
}

fn start(store: Arc<dyn Store>) -> Result<Rehearsal, String> {
    let provider = Provider::named("payment-provider", charge);
    Rehearsal::over(system, store, provider).map_err(|error| error.to_string())
}

fn charge(_: &str, wish: &Value, _: &Mood) -> Value {
    json!({ "outcome": "captured", "paymentKey": wish["orderId"] })
}

/// All that was begun is gone when this returns, the store as well.
fn in_one_thread<T>(run: impl Future<Output = T>) -> T {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a scheduler").block_on(run)
}

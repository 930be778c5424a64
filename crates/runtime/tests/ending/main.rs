//! Events that end the process that handles them: real processes, real ends.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shop;

use std::{
    env,
    path::Path,
    process::{Command as Process, ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{Actor, Command, Key};
use rehearsal::{Seeded, Virtual};
use runtime::{
    Entry, Ground, Order, Runtime, Settings, Target, Would, Writing,
    lab::Mood,
    store::{Delivery, Layout, Store},
};
use shop::{DECISION, POLICY, RingUp, VIEW, system};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

/// Where a life that is started by the test finds its database.
const FOLDER: &str = "LIFE_IN";
/// What it does there first: `sell`, `replay`, or nothing.
const FIRST: &str = "LIFE_BEGINS_WITH";

const POISON: [i64; 3] = [POLICY, DECISION, VIEW];
/// Sales of the first life; three of them end the process.
const SALES: u64 = 60;

fn main() {
    match env::var_os(FOLDER) {
        Some(folder) => live(Path::new(&folder), &env::var(FIRST).unwrap_or_default()),
        None => what_ends_the_process_is_parked_and_everything_else_goes_on(),
    }
}

fn what_ends_the_process_is_parked_and_everything_else_goes_on() {
    let folder = TempDir::new().unwrap();
    let mut ends = 0;
    let mut first = "sell";
    while !life(folder.path(), first).success() {
        first = "";
        ends += 1;
        assert!(ends < 60, "it ends again and again");
    }
    // One end may count for two that were in hand, and the first of each nobody saw coming.
    assert!((10..=21).contains(&ends), "{ends} ends");
    println!("three events ended the process, {ends} times in all; then they were parked");

    // An operator tries one again before it is mended: one end, and it is parked again.
    assert!(!life(folder.path(), "replay").success());
    assert!(life(folder.path(), "").success());
    println!("one was tried again: one end more, and it was parked again");
}

fn life(folder: &Path, first: &str) -> ExitStatus {
    let mut process = Process::new(env::current_exe().unwrap());
    process.env(FOLDER, folder).env(FIRST, first).stdout(Stdio::null()).stderr(Stdio::inherit());
    process.status().unwrap()
}

/// One life; it ends by itself when everything is where it should be.
fn live(folder: &Path, first: &str) {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    tokio.block_on(async {
        let (system, names) = (system(), vec!["till", "books", "window"]);
        let layout = Layout::of(&system, &names);
        let path = folder.join("it.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, layout, &Options::default()).unwrap());
        let ground = Ground {
            stores: vec![(store, names)],
            clock: Arc::new(Virtual::new()),
            chance: Arc::new(Seeded::new(1)),
            outside: Vec::new(),
            settings: Settings::default(),
            writing: Writing::OnThreads,
            owner: "life".into(),
            elsewhere: None,
            bus: None,
        };
        let running = Runtime::start(system, ground).unwrap();
        let runtime = running.runtime.clone();
        match first {
            "sell" => sell(&runtime).await,
            "replay" => {
                let parked = parked(&runtime, "books").remove(0);
                let would = runtime.foresee("books", &parked.key).await.unwrap();
                assert!(matches!(would, Would::EndTheProcess(5)), "{would:?}");
                let by = Actor::new("권나래", "operator");
                drop(runtime.replay("books", parked.key, by, "한 번 더").await);
            }
            _ => {}
        }
        until_all_is_well(&runtime).await;
        running.stop().await;
    });
}

/// Every sale is a case of its own; those that end the process are followed by
/// another of the same case. Nobody is told of anything before all is sold.
async fn sell(runtime: &Runtime) {
    let feel = |mood: Mood| {
        for name in ["books", "window"] {
            assert!(runtime.lab().set(name, mood.clone()));
        }
    };
    feel(Mood::Down);
    for sale in 1..=SALES {
        match POISON.iter().zip([17, 18, 50]).find(|(_, at)| *at == sale) {
            Some((amount, _)) => {
                ring_up(runtime, sale, *amount).await;
                ring_up(runtime, sale, 100).await;
            }
            None => ring_up(runtime, sale, 100).await,
        }
    }
    feel(Mood::Up);
}

async fn ring_up(runtime: &Runtime, sale: u64, amount: i64) {
    let order = Order {
        context: "till",
        name: "RingUp",
        to: Target::ThisOrNew(Key::Number(sale)),
        command: Command::of(RingUp { amount }),
        by: Actor::new("신유나", "clerk"),
        key: None,
        trace: None,
        see_through: Duration::ZERO,
    };
    runtime.tell(order).await.unwrap();
}

/// Two are parked in the books and one in the window, each with one that waits
/// behind it; everything else is done.
async fn until_all_is_well(runtime: &Runtime) {
    let is_well = |entry: &Entry| {
        let bad = if entry.context == "books" { 2 } else { 1 };
        let figures = (entry.committed, entry.done, entry.parked, entry.waiting, entry.failed);
        figures == (SALES + 3, SALES + 3 - 2 * bad, bad, bad, 0)
    };
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        let ledger = runtime.ledger().await.unwrap();
        assert!(ledger.iter().all(Entry::adds_up), "{ledger:?}");
        if ledger.iter().all(is_well) {
            break;
        }
        assert!(Instant::now() < end, "{ledger:#?}");
        tokio::task::yield_now().await;
    }
    for delivery in parked(runtime, "books").iter().chain(&parked(runtime, "window")) {
        let reason = delivery.reason.as_ref().unwrap();
        assert_eq!(reason.en, "the process ended 5 times while this was handled");
        assert_eq!(delivery.ended, 5);
    }
}

fn parked(runtime: &Runtime, context: &str) -> Vec<Delivery> {
    runtime.deliveries(context, Some("parked"), 10).unwrap()
}

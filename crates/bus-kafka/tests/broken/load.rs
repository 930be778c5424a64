//! The broker is killed in the middle of a load: what was acknowledged is there,
//! and once.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bus_conformance::Parts;
use tokio::task::spawn_blocking;

use crate::{broker, place};

/// How many requests; `MADANG_LOAD=50000` makes it a longer one.
const REQUESTS: u64 = 6000;
const METERS: u64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_comes_twice() {
    let Some(broker) = broker().await else { return };
    let asked = env::var("MADANG_LOAD").ok().and_then(|it| it.parse().ok());
    let requests: u64 = asked.unwrap_or(REQUESTS);
    let parts = Parts::at(&place(&broker));
    for meter in 1..=METERS {
        parts.read_one(meter).await;
    }
    parts.all_is_noted().await;
    let begun = Instant::now();
    let acknowledged = AtomicU64::new(METERS);
    let load = async {
        let rounds = (requests - METERS) / METERS / 10;
        for _ in 0..rounds {
            parts.read(1..=METERS, 10).await;
            acknowledged.fetch_add(METERS * 10, Ordering::Relaxed);
            let wait = parts.untold().await.iter().map(|it| it.waiting).max();
            if wait.is_some_and(|it| it > 20_000) {
                parts.told_all_but(10_000).await;
            }
        }
    };
    let killing = async {
        let mut kills = 0;
        for share in 1..=3 {
            let due = METERS + (requests - METERS) * share / 4;
            bus_conformance::until("the load goes on", async || {
                acknowledged.load(Ordering::Relaxed) >= due
            })
            .await;
            let broker = Arc::clone(&broker);
            spawn_blocking(move || {
                broker.kill();
                broker.start_again();
            })
            .await
            .unwrap();
            kills += 1;
        }
        kills
    };
    let ((), kills) = tokio::join!(load, killing);
    let loaded = begun.elapsed();
    parts.all_is_noted().await;
    let head = parts.journal.heads("gauge").unwrap().position;
    let acknowledged = acknowledged.into_inner();
    println!(
        "{acknowledged} acknowledged, {head} in the journal, {kills} times kill -9, \
         {loaded:.1?} of load, all noted after {:.1?}; lost 0, twice 0, the ledger adds up",
        begun.elapsed()
    );
    assert_eq!(head, acknowledged);
}

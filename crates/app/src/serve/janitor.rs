//! Throws away what nobody will ask for again.

use std::time::Duration;

use kernel::Time;
use runtime::ports::Clock;
use tokio::{
    task::spawn_blocking,
    time::{interval, sleep},
};

use super::{ambient::SystemClock, database::Database};

/// How long an answer is kept under its idempotency key.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// How often to look.
const ROUND: Duration = Duration::from_mins(10);
/// How many at a time: a step must not be felt by those who write.
const STEP: usize = 200;
/// The rest between two steps.
const REST: Duration = Duration::from_millis(50);

/// Works until it is aborted.
pub async fn tidy(stores: Vec<Database>) {
    let mut rounds = interval(ROUND);
    loop {
        rounds.tick().await;
        for store in &stores {
            while step(store).await == STEP {
                sleep(REST).await;
            }
        }
    }
}

/// How many were thrown away; when it fails, the next round tries again.
async fn step(store: &Database) -> usize {
    let store = store.clone();
    let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    let before = Time(SystemClock.now().0.saturating_sub(kept));
    match spawn_blocking(move || store.purge_answers(before, STEP)).await {
        Ok(Ok(count)) => count,
        Ok(Err(error)) => {
            tracing::warn!(%error, "old answers could not be thrown away");
            0
        }
        Err(_) => 0,
    }
}

//! The bus is out of reach for a while.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::{
    Parts, Place, meters,
    parts::{PATIENCE, until},
};

/// How a bus is taken away and given back.
pub trait Outage {
    /// Nothing gets through any more.
    fn cut(&mut self);

    /// It is there again.
    fn mend(&mut self);
}

/// Everybody works on while the bus is away for so long; nothing is lost, and
/// nothing comes twice.
pub async fn check_outage(place: &dyn Place, outage: &mut dyn Outage, away: Duration) {
    let parts = Parts::at(place);
    for meter in 1..=10 {
        parts.read_one(meter).await;
    }
    parts.all_is_noted().await;
    for _ in 0..2 {
        outage.cut();
        let begun = Instant::now();
        parts.read(1..=10, 30).await;
        let untold = parts.untold().await;
        assert!(untold.iter().any(|it| it.waiting > 0), "what is not told waits: {untold:?}");
        sleep(away.saturating_sub(begun.elapsed())).await;
        for entry in parts.untold().await {
            // Nothing is put aside for an outage: it all waits, in its order.
            assert!(entry.adds_up() && entry.failed + entry.parked == 0, "{entry:?}");
        }
        outage.mend();
        parts.read(1..=10, 5).await;
        parts.all_is_noted().await;
    }
    whoever_says_is_told(place, outage).await;
    it_is_not_there_at_the_start(place, outage, away).await;
}

async fn it_is_not_there_at_the_start(place: &dyn Place, outage: &mut dyn Outage, away: Duration) {
    outage.cut();
    let begun = Instant::now();
    let parts = Parts::at(place);
    for meter in 1..=10 {
        parts.read_one(meter).await;
    }
    // Whoever looks into the journal does without.
    parts.read(1..=10, 30).await;
    sleep(away.saturating_sub(begun.elapsed())).await;
    for entry in parts.untold().await {
        assert!(entry.adds_up() && entry.failed + entry.parked == 0, "{entry:?}");
    }
    outage.mend();
    parts.read(1..=10, 5).await;
    parts.all_is_noted().await;
}

async fn whoever_says_is_told(place: &dyn Place, outage: &mut dyn Outage) {
    let bus = place.bus(&meters::system()).unwrap();
    let events = meters::readings(1, 10);
    bus.publish(&events[..1]).await.unwrap();
    outage.cut();
    let said = timeout(PATIENCE, bus.publish(&events)).await.unwrap();
    assert!(said.as_ref().is_err_and(runtime::Failure::passes), "{said:?}");
    outage.mend();
    until("it is heard again", async || bus.publish(&events).await.is_ok_and(|it| it > 0)).await;
}

//! What two parts of a business may rely on.

use crate::{Parts, Place, Trouble, meters, parts::memory};

/// Puts every promise to the test, each in a place of its own.
pub async fn check<P: Place>(place: impl Fn() -> P) {
    println!("each case is heard in order, and once");
    in_order(&place()).await;
    println!("whoever tells is killed, again and again");
    teller_is_killed(&place()).await;
    println!("whoever hears is killed, again and again");
    hearer_is_killed(&place()).await;
    println!("who was not there before hears all of it");
    late(&place()).await;
    println!("twice, in another order, or not at all");
    trouble(&place()).await;
}

async fn in_order(place: &dyn Place) {
    let parts = Parts::at(place);
    parts.read(1..=1, 1).await;
    parts.all_is_noted().await;
    for meter in 2..=20 {
        parts.read_one(meter).await;
    }
    parts.read(1..=20, 30).await;
    parts.all_is_noted().await;
}

async fn teller_is_killed(place: &dyn Place) {
    let mut parts = Parts::at(place);
    for meter in 1..=10 {
        parts.read_one(meter).await;
    }
    for _ in 0..6 {
        parts.read(1..=10, 20).await;
        // What it was about to tell may be on its way.
        parts.gauge.fall_and_rise().await.unwrap();
    }
    parts.read(1..=10, 5).await;
    parts.all_is_noted().await;
}

async fn hearer_is_killed(place: &dyn Place) {
    let mut parts = Parts::at(place);
    for meter in 1..=10 {
        parts.read_one(meter).await;
    }
    for _ in 0..6 {
        parts.read(1..=10, 20).await;
        parts.board.fall_and_rise().await.unwrap();
    }
    parts.read(1..=10, 5).await;
    parts.all_is_noted().await;
}

async fn late(place: &dyn Place) {
    let (gauge, board) = (memory("gauge"), memory("board"));
    let bus = place.bus(&meters::system());
    let mut parts = Parts::over([gauge.clone(), memory("board")], bus.clone(), None);
    for meter in 1..=7 {
        parts.read_one(meter).await;
    }
    parts.read(1..=7, 100).await;
    parts.gauge.restart().await.unwrap();
    // Another board, which has heard nothing; the gauge goes on meanwhile.
    let Parts { gauge: telling, board: old, .. } = parts;
    old.stop().await;
    telling.stop().await;
    let parts = Parts::over([gauge, board], bus, place.bus(&meters::system()));
    parts.read(1..=7, 100).await;
    parts.all_is_noted().await;
}

async fn trouble(place: &dyn Place) {
    let (Some(here), Some(there)) = (place.bus(&meters::system()), place.bus(&meters::system()))
    else {
        return; // where journals are looked at nothing comes by a way of its own
    };
    let troubled = Trouble::on(there);
    let stores = [memory("gauge"), memory("board")];
    let parts = Parts::over(stores, Some(here), Some(troubled.clone()));
    for meter in 1..=10 {
        parts.read_one(meter).await;
    }
    for _ in 0..5 {
        parts.read(1..=10, 20).await;
        parts.all_is_noted().await;
    }
    assert!(troubled.times() > 10, "there was trouble {} times", troubled.times());
}

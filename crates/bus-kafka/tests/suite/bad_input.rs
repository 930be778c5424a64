//! What is on a topic and is none of our events is kept with its reason, and
//! everything else goes on.

use bus_conformance::{
    Parts,
    meters::{reading, system},
    until,
};
use kafka_for_tests::Broker;

use crate::yard::{Stranger, bus, headers, settings};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_none_of_our_events_is_kept_and_stops_nobody() {
    let Some(broker) = Broker::shared() else { return };
    let settings = settings(broker);
    let hearing = bus(&system(), &settings);
    let parts = Parts::over(Parts::empty(), Some(bus(&system(), &settings)), Some(hearing.clone()));
    for meter in 1..=6 {
        parts.read_one(meter).await;
    }
    parts.all_is_noted().await;

    // What comes next in the journal, and what is said twice.
    let next = reading(7, 1, 2, "위조");
    let (far, other) = (reading(900, 3, 90, "위조"), reading(900, 3, 90, "다른 위조"));
    let stranger = Stranger::on(&settings);
    until("it is heard", async || {
        stranger.says("meter/1", &[], b"hello").await;
        !hearing.refused().is_empty()
    })
    .await;
    let hellos = hearing.refused().len();
    let same = ("", "");
    for (name, value) in [
        ("ce_specversion", "0.3"),
        ("ce_type", "Exploded"),
        ("ce_schemaversion", "2"),
        ("ce_id", "seven"),
        ("ce_time", "yesterday"),
        ("ce_source", "/shop/till"),
        ("ce_source", "/meters/board"),
    ] {
        stranger.says_event("meters", &next, (name, value)).await;
    }
    stranger.says("meter/2", &headers("meters", &next), &next.body).await;
    stranger.says_event("meters", &reading(7, 1, 2, &"넓".repeat(90_000)), same).await;
    for event in [&far, &far, &other] {
        stranger.says_event("meters", event, same).await;
    }

    parts.read(1..=6, 20).await;
    parts.all_is_noted().await;
    let whys = [
        "it has no headers",
        "specversion is \"0.3\"",
        "nobody here knows Exploded",
        "MeterRead has version 2, and 1 is the newest known here",
        "id is \"seven\"",
        "time is \"yesterday\"",
        "source is \"/shop/till\", which is not a context of this system",
        "it is of board, which has a topic of its own",
        "its key does not fit its case, meter/1",
        "bytes, and no event has more than 262144",
        "it is another event 900 than was heard before",
    ];
    let kept = |why: &str| hearing.refused().iter().any(|it| it.why.contains(why));
    until("all of it is kept", async || whys.iter().all(|why| kept(why))).await;
    let refused = hearing.refused();
    for why in whys {
        let found: Vec<_> = refused.iter().filter(|it| it.why.contains(why)).collect();
        assert!(found.len() == 1 || why == whys[0] && found.len() >= hellos, "{why}: {refused:#?}");
        let found = found[0];
        assert!(found.place.starts_with(&format!("{}.meters.gauge/", settings.prefix)));
        assert_eq!(found.hash.len(), 64);
    }
    let hello = &refused.iter().find(|it| it.size == 5).unwrap().hash;
    assert_eq!(hello, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
}

/// Somebody says what is to come before it comes: the journal is right.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_committed_has_no_effect() {
    let Some(broker) = Broker::shared() else { return };
    let settings = settings(broker);
    let hearing = bus(&system(), &settings);
    let parts = Parts::over(Parts::empty(), Some(bus(&system(), &settings)), Some(hearing));
    for meter in 1..=6 {
        parts.read_one(meter).await;
    }
    parts.all_is_noted().await;
    let stranger = Stranger::on(&settings);
    for position in (20..60).chain([u64::MAX - 1, u64::MAX]) {
        stranger.says_event("meters", &reading(position, 1, 9, "위조"), ("", "")).await;
    }
    parts.read(1..=6, 20).await;
    parts.all_is_noted().await;
}

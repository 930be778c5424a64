//! Topics are made as they are set, or are refused in one line.

use std::sync::Arc;

use bus_conformance::{
    Parts,
    meters::{readings, system},
    until,
};
use bus_kafka::{KafkaBus, Settings};
use kafka_for_tests::Broker;
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};
use runtime::{Failure, ports::Bus as _, store::Store};

use crate::yard::{Stranger, bus, bus_of, client, settings};

type Set = (&'static str, &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_wrong_is_one_clear_line() {
    let Some(broker) = Broker::shared() else { return };
    let good = settings(broker);
    ready(&bus(&system(), &good)).await.unwrap();
    ready(&bus(&system(), &good)).await.unwrap();

    let more = Settings { partitions: 4, ..good.clone() };
    wrong(&more, "has 3 partitions, and 4 are set").await;
    let longer = Settings { retention: good.retention + 1, ..good.clone() };
    wrong(&longer, "has retention.ms 604800000, and it must be 604800001 or more").await;
    let larger = Settings { largest: 2_000_000, ..good.clone() };
    wrong(&larger, "has max.message.bytes 1048588, and it must be 2016384 or more").await;
    let many = Settings { replicas: 3, ..settings(broker) };
    wrong(&many, "cannot be made: InvalidReplicationFactor").await;
    let name = Settings { prefix: "no such/name".into(), ..good.clone() };
    wrong(&name, "cannot be made: InvalidTopic").await;

    let compacted = settings(broker);
    make(&compacted, ("cleanup.policy", "compact")).await;
    wrong(&compacted, "has cleanup.policy compact, and it must be delete").await;
    let eternal = settings(broker);
    make(&eternal, ("retention.ms", "-1")).await;
    let larger = Settings { largest: 100_000, ..eternal };
    ready(&bus(&system(), &larger)).await.unwrap();

    let nobody = Settings { brokers: "127.0.0.1:9".into(), ..good };
    let away = bus(&system(), &nobody).ready(&["gauge"]).await.unwrap_err();
    assert!(away.passes(), "{away}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_waits_until_the_topic_is_right() {
    let Some(broker) = Broker::shared() else { return };
    let settings = settings(broker);
    make(&settings, ("cleanup.policy", "compact")).await;
    let publishing = bus(&system(), &settings);
    until("it is said why", async || {
        let waits = publishing.publish(&readings(1, 2)).await.unwrap_err();
        assert!(waits.passes(), "{waits}");
        waits.to_string().contains("cleanup.policy compact")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_journals_do_not_share_a_topic() {
    let Some(broker) = Broker::shared() else { return };
    let settings = settings(broker);
    let (first, second) = (written(5, 40).await, written(7, 30).await);
    let publishing = bus_of(&system(), &settings, &first);
    ready(&publishing).await.unwrap();
    let events = first.events("gauge", 0, 1000).unwrap();
    let mut published = 0;
    until("it is published", async || {
        published += publishing.publish(&events[published..]).await.unwrap_or(0);
        published == events.len()
    })
    .await;
    // Itself, again, and after it has gone on.
    ready(&bus_of(&system(), &settings, &first)).await.unwrap();

    let other = bus_of(&system(), &settings, &second);
    let no = ready(&other).await.unwrap_err();
    assert!(!no.passes() && no.to_string().contains("is not that of this journal"), "{no}");
    // And whoever did not ask at the start publishes nothing all the same.
    let events = second.events("gauge", 0, 1000).unwrap();
    assert!(other.publish(&events).await.is_err_and(|it| it.passes()));
    let restored = written(0, 0).await;
    let no = ready(&bus_of(&system(), &settings, &restored)).await.unwrap_err();
    assert!(no.to_string().contains("after the end of the journal"), "{no}");

    // One message that somebody has put there keeps nobody from starting.
    let stranger = Stranger::on(&settings);
    stranger.says("meter/1", &[], b"hello").await;
    stranger.says_event("shop", &readings(1, 1)[0], ("", "")).await;
    ready(&bus_of(&system(), &settings, &first)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_system_has_the_topic() {
    let Some(broker) = Broker::shared() else { return };
    let settings = settings(broker);
    ready(&bus(&system(), &settings)).await.unwrap();
    let stranger = Stranger::on(&settings);
    for event in &readings(3, 20) {
        stranger.says_event("shop", event, ("", "")).await;
    }
    wrong(&settings, "holds an event of /shop/gauge").await;
}

/// What a topic is found to be, however slow the broker is today.
async fn ready(bus: &KafkaBus) -> Result<(), Failure> {
    let mut said = Ok(());
    until("the broker says it", async || {
        said = bus.ready(&["gauge"]).await;
        !said.as_ref().is_err_and(Failure::passes)
    })
    .await;
    said
}

async fn wrong(settings: &Settings, what: &str) {
    let no = ready(&bus(&system(), settings)).await.unwrap_err();
    let said = no.to_string();
    assert!(!no.passes() && said.contains(what) && !said.contains('\n'), "{said}");
}

async fn make(settings: &Settings, (key, value): Set) {
    let admin: AdminClient<DefaultClientContext> = client(settings).create().unwrap();
    let name = format!("{}.meters.gauge", settings.prefix);
    let topic = NewTopic::new(&name, 3, TopicReplication::Fixed(1)).set(key, value);
    let made = admin.create_topics([&topic], &AdminOptions::new()).await.unwrap();
    assert!(made[0].is_ok(), "{made:?}");
}

/// A journal in which so many meters were read so often.
async fn written(meters: u64, times: u64) -> Arc<dyn Store> {
    let parts = Parts::over(Parts::empty(), None, None);
    for meter in 1..=meters {
        parts.read_one(meter).await;
    }
    if meters > 0 {
        parts.read(1..=meters, times).await;
    }
    Arc::clone(&parts.journal)
}

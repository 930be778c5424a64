//! The topic has forgotten what was before: it is read from the journal, and
//! what comes then is heard, without a seam.

use std::{sync::Arc, time::Duration};

use bus_conformance::{Parts, meters::system};
use kafka_for_tests::Broker;
use rdkafka::{
    Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
};

use crate::yard::{bus, client, settings};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_new_shows_everything_there_ever_was() {
    let Some(broker) = Broker::shared() else { return };
    let settings = settings(broker);
    let [gauge, board] = Parts::empty();
    let publishing = bus(&system(), &settings);
    let [_, old] = Parts::empty();
    let before = Parts::over([gauge.clone(), old.clone()], Some(publishing.clone()), None);
    for meter in 1..=9 {
        before.read_one(meter).await;
    }
    before.read(1..=9, 100).await;
    before.all_is_noted().await;
    let Parts { gauge: telling, board: hearing, .. } = before;
    telling.stop().await;
    hearing.stop().await;
    let name = format!("{}.meters.gauge", settings.prefix);
    let admin: AdminClient<DefaultClientContext> = client(&settings).create().unwrap();
    let asking: BaseConsumer = client(&settings).create().unwrap();
    let mut all = TopicPartitionList::new();
    let patience = Duration::from_secs(20);
    for partition in 0..settings.partitions {
        all.add_partition_offset(&name, partition, Offset::End).unwrap();
    }
    admin.delete_records(&all, &AdminOptions::new()).await.unwrap();
    for partition in 0..settings.partitions {
        let (first, end) = asking.fetch_watermarks(&name, partition, patience).unwrap();
        assert!(first == end && end > 0, "it has forgotten {first} of {end}");
    }

    // One context that is new, and one that was away; the gauge goes on.
    for board in [board, old] {
        let hearing = bus(&system(), &settings);
        let parts =
            Parts::over([Arc::clone(&gauge), board], Some(publishing.clone()), Some(hearing));
        parts.read(1..=9, 50).await;
        parts.all_is_noted().await;
        let Parts { gauge, board, .. } = parts;
        gauge.stop().await;
        board.stop().await;
    }
}

//! The broker that tests disturb comes back as it was.

use std::time::{Duration, Instant};

use kafka_for_tests::Broker;
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    producer::{BaseProducer, BaseRecord, Producer as _},
};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let Some(broker) = Broker::own() else { return };
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.address()).set("acks", "all").set("log_level", "0");
    config.set("group.id", "test");
    let topic = broker.fresh_prefix();
    let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
    let new = [NewTopic::new(&topic, 1, TopicReplication::Fixed(1))];
    admin.create_topics(&new, &AdminOptions::new()).await.unwrap();
    let producer: BaseProducer = config.create().unwrap();
    producer.send(BaseRecord::to(&topic).key("key").payload("kept")).unwrap();
    producer.flush(Duration::from_secs(20)).unwrap();

    broker.kill();
    let asking: BaseConsumer = config.create().unwrap();
    assert!(asking.fetch_metadata(None, Duration::from_secs(1)).is_err());
    broker.start_again();
    broker.pause();
    let slow: BaseConsumer = config.create().unwrap();
    assert!(slow.fetch_metadata(None, Duration::from_secs(1)).is_err());
    broker.resume();

    let mut from = TopicPartitionList::new();
    from.add_partition_offset(&topic, 0, Offset::Beginning).unwrap();
    asking.assign(&from).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    let found = loop {
        match asking.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => break message,
            _ => assert!(Instant::now() < deadline, "no message"),
        }
    };
    assert_eq!(found.payload(), Some(&b"kept"[..]));
    broker.stop();
    broker.start_again();
    assert_ne!(broker.fresh_prefix(), topic);
}

//! In: what is published of a journal, from now on.
//!
//! Nothing of where we are is kept with the broker: whoever hears has its own
//! place in its own store, and looks into the journal after every gap.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{Consumer as _, StreamConsumer},
    error::KafkaError,
};
use runtime::{Failure, ports::Heard};
use tokio::{sync::mpsc, time::sleep};

use crate::{Inside, message};

/// How many events may wait for whoever hears.
const QUEUE: usize = 4096;
/// How long a broker may take, and how long to wait before it is asked again.
const PATIENCE: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(500);

/// Whatever is published of a journal from now on.
pub fn follow(
    inside: &Arc<Inside>,
    context: &'static str,
) -> Result<mpsc::Receiver<Heard>, Failure> {
    let wrong = |error: KafkaError| Failure::fault(format!("the bus cannot be set up: {error}"));
    let mut config = inside.settings.client();
    config
        .set("group.id", format!("madang-{context}"))
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "error")
        .set("isolation.level", "read_committed")
        .set("fetch.wait.max.ms", "100");
    let consumer: StreamConsumer = config.create().map_err(wrong)?;
    let (queue, heard) = mpsc::channel(QUEUE);
    let topic = inside.settings.topic(inside.system, context);
    let ear = Ear { inside: Arc::clone(inside), consumer: Arc::new(consumer), topic, queue };
    tokio::spawn(ear.hear());
    Ok(heard)
}

struct Ear {
    inside: Arc<Inside>,
    consumer: Arc<StreamConsumer>,
    topic: String,
    queue: mpsc::Sender<Heard>,
}

impl Ear {
    /// Hears until nobody wants to know any more.
    async fn hear(self) {
        let mut away = false;
        while !self.queue.is_closed() {
            if let Err(error) = self.go_to_the_end().await {
                if !std::mem::replace(&mut away, true) {
                    tracing::warn!(topic = self.topic, %error, "the bus is not heard");
                }
                sleep(AGAIN).await;
                continue;
            }
            away = false;
            // From here on nothing is missed: what was before is looked up now.
            if self.queue.send(Heard::Gap).await.is_err() {
                return;
            }
            self.follow().await;
        }
    }

    /// From the end of every partition on.
    async fn go_to_the_end(&self) -> Result<(), KafkaError> {
        let (consumer, topic) = (Arc::clone(&self.consumer), self.topic.clone());
        let assigned = tokio::task::spawn_blocking(move || {
            let found = consumer.fetch_metadata(Some(&topic), PATIENCE)?;
            let mut from = TopicPartitionList::new();
            for partition in found.topics().first().map_or(&[][..], |it| it.partitions()) {
                let (_, end) = consumer.fetch_watermarks(&topic, partition.id(), PATIENCE)?;
                from.add_partition_offset(&topic, partition.id(), Offset::Offset(end))?;
            }
            if from.count() == 0 {
                return Err(KafkaError::Subscription(format!("{topic} is not there yet")));
            }
            consumer.assign(&from)
        });
        assigned.await.unwrap_or(Err(KafkaError::Canceled))
    }

    /// Hears until something may have been missed.
    async fn follow(&self) {
        let mut away = false;
        loop {
            match self.consumer.recv().await {
                Ok(message) => {
                    let heard = match message::event(&self.inside, &message) {
                        Ok(event) => Heard::Event(Box::new(event)),
                        Err(why) => {
                            let (partition, offset) = (message.partition(), message.offset());
                            let place = format!("{}/{partition}@{offset}", self.topic);
                            let bytes = message.payload().unwrap_or_default();
                            self.inside.refusals.keep(place, bytes, why);
                            Heard::Gap
                        }
                    };
                    if self.queue.send(heard).await.is_err() {
                        return;
                    }
                    away = false;
                }
                Err(error) if passes(&error) => {
                    if !std::mem::replace(&mut away, true) {
                        tracing::warn!(topic = self.topic, %error, "the bus is away");
                    }
                }
                Err(error) => {
                    tracing::warn!(topic = self.topic, %error, "the bus is heard from its end again");
                    return;
                }
            }
        }
    }
}

/// The client comes back by itself, and goes on where it was.
fn passes(error: &KafkaError) -> bool {
    use rdkafka::types::RDKafkaErrorCode::{
        AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve,
    };
    let code = error.rdkafka_error_code();
    code.is_some_and(|it| {
        matches!(it, AllBrokersDown | BrokerTransportFailure | OperationTimedOut | Resolve)
    })
}

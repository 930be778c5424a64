//! In: what is published of a journal, from now on.
//!
//! Nothing of where we are is kept with the broker: whoever hears has its own
//! place in its own store, and looks into the journal after every gap.

use std::{sync::Arc, time::Duration};

use kernel::Event;
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{Consumer as _, StreamConsumer},
    error::KafkaError,
    message::BorrowedMessage,
};
use runtime::{Failure, ports::Heard};
use tokio::{sync::mpsc, time::sleep};

use crate::{Inside, copies::Copies, message};

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
    let consumer: StreamConsumer = inside.settings.reader().create().map_err(wrong)?;
    let (queue, heard) = mpsc::channel(QUEUE);
    let topic = inside.settings.topic(inside.system, context);
    let (inside, consumer) = (Arc::clone(inside), Arc::new(consumer));
    let ear = Ear { inside, consumer, context, topic, queue };
    tokio::spawn(ear.hear());
    Ok(heard)
}

struct Ear {
    inside: Arc<Inside>,
    consumer: Arc<StreamConsumer>,
    context: &'static str,
    topic: String,
    queue: mpsc::Sender<Heard>,
}

impl Ear {
    /// Hears until nobody wants to know any more.
    async fn hear(self) {
        let mut away = false;
        let mut copies = Copies::new();
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
            self.follow(&mut copies).await;
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
    async fn follow(&self, copies: &mut Copies) {
        let mut away = false;
        loop {
            match self.consumer.recv().await {
                Ok(message) => {
                    away = false;
                    let heard = match self.event(&message, copies) {
                        Ok(event) => Heard::Event(Box::new(event)),
                        Err(why) => {
                            self.refuse(&message, why);
                            Heard::Gap
                        }
                    };
                    if self.queue.send(heard).await.is_err() {
                        return;
                    }
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

    /// The event in a message; or why it is none of ours.
    fn event(&self, message: &BorrowedMessage<'_>, copies: &mut Copies) -> Result<Event, String> {
        let (bytes, most) = (message.payload_len(), self.inside.settings.largest);
        if bytes > most {
            return Err(format!("it has {bytes} bytes, and no event has more than {most}"));
        }
        let event = message::event(&self.inside, message)?;
        if event.context != self.context {
            return Err(format!("it is of {}, which has a topic of its own", event.context));
        }
        if copies.contradict(&event) {
            let position = event.position;
            return Err(format!("it is another event {position} than was heard before"));
        }
        Ok(event)
    }

    fn refuse(&self, message: &BorrowedMessage<'_>, why: String) {
        let (partition, offset) = (message.partition(), message.offset());
        let place = format!("{}/{partition}@{offset}", self.topic);
        self.inside.refusals.keep(place, message.payload().unwrap_or_default(), why);
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

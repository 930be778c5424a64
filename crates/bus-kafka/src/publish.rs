//! Out: what has happened goes to its topic, in order.
//!
//! **Invariant:** when publishing is over without an error, the broker holds all
//! of it. After an error it may hold any part: whoever publishes begins again
//! from its own place, and nobody minds what comes twice.

use std::sync::Arc;

use kernel::Event;
use parking_lot::Mutex;
use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode},
    producer::{FutureProducer, FutureRecord, Producer as _, future_producer::DeliveryFuture},
};
use runtime::Failure;

use crate::{Inside, message, settings::SettingsError, topic};

/// Publishes.
pub struct Publisher {
    producer: Mutex<FutureProducer>,
    /// The topics that are known to be right.
    ready: Mutex<Vec<&'static str>>,
}

impl Publisher {
    /// One producer for all journals of this process.
    pub fn of(inside: &Inside) -> Result<Self, SettingsError> {
        Ok(Self { producer: Mutex::new(producer(inside)?), ready: Mutex::default() })
    }

    /// Publishes events of one journal, in order.
    pub async fn publish(&self, inside: &Arc<Inside>, events: &[Event]) -> Result<(), Failure> {
        let Some(first) = events.first() else { return Ok(()) };
        let context = first.context;
        if !self.ready.lock().contains(&context) {
            topic::ready(inside, &[context]).await?;
            self.ready.lock().push(context);
        }
        let producer = self.producer.lock().clone();
        let topic = inside.settings.topic(inside.system, context);
        let mut flights = Vec::with_capacity(events.len());
        let mut failure = None;
        for event in events {
            match send(&producer, inside, &topic, event) {
                Ok(flight) => flights.push(flight),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        // What is in flight lands, or does not, before anything is sent again.
        for flight in flights {
            match flight.await {
                Ok(Ok(_)) => {}
                Ok(Err((error, _))) => failure = failure.or(Some(error)),
                Err(_) => failure = failure.or(Some(KafkaError::Canceled)),
            }
        }
        let Some(error) = failure else { return Ok(()) };
        if producer.client().fatal_error().is_some() {
            tracing::error!(%error, "the producer cannot go on; another takes its place");
            let another = self::producer(inside);
            *self.producer.lock() = another.map_err(|it| Failure::fault(it.to_string()))?;
        }
        Err(failed(&error))
    }
}

fn send(
    producer: &FutureProducer,
    inside: &Inside,
    topic: &str,
    event: &Event,
) -> Result<DeliveryFuture, KafkaError> {
    let key = cloud_events::partition_key(event);
    let record = FutureRecord::to(topic)
        .key(&key)
        .payload(&*event.body)
        .timestamp(event.at.0)
        .headers(message::headers(inside.system, event));
    producer.send_result(record).map_err(|(error, _)| error)
}

fn producer(inside: &Inside) -> Result<FutureProducer, KafkaError> {
    let mut config = inside.settings.client();
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("delivery.timeout.ms", "10000")
        .set("queue.buffering.max.messages", "100000")
        .set("message.max.bytes", (inside.settings.largest + 16 * 1024).to_string())
        // The same partition for the same case as every other client has it.
        .set("partitioner", "murmur2_random");
    config.create()
}

/// What passes is tried again; what is too large is never taken.
fn failed(error: &KafkaError) -> Failure {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize) => {
            Failure::fault("the event is larger than the bus takes")
        }
        _ => Failure::unavailable("the bus", error.to_string()),
    }
}

//! Out: what has happened goes to its topic, in order.
//!
//! **Invariant:** when publishing is over nothing is on its way any more, and the
//! broker holds all that was counted. Of the rest it may hold any part, with
//! holes: whoever publishes begins again with the first that was not counted,
//! and nobody minds what comes twice.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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
    /// It was said that the bus is away.
    away: AtomicBool,
}

impl Publisher {
    /// One producer for all journals of this process.
    pub fn of(inside: &Inside) -> Result<Self, SettingsError> {
        let producer = Mutex::new(producer(inside)?);
        Ok(Self { producer, ready: Mutex::default(), away: AtomicBool::new(false) })
    }

    /// Publishes events of one journal, in order; how many of the first are safe.
    pub async fn publish(&self, inside: &Arc<Inside>, events: &[Event]) -> Result<usize, Failure> {
        let Some(first) = events.first() else { return Ok(0) };
        let published = self.try_all(inside, first.context, events).await;
        match &published {
            Err(failure) if !self.away.swap(true, Ordering::Relaxed) => {
                tracing::warn!(topic = first.context, story = failure.story(), "not published");
            }
            Ok(_) if self.away.swap(false, Ordering::Relaxed) => {
                tracing::info!(topic = first.context, "published again");
            }
            _ => {}
        }
        published
    }

    async fn try_all(
        &self,
        inside: &Arc<Inside>,
        context: &'static str,
        events: &[Event],
    ) -> Result<usize, Failure> {
        if !self.ready.lock().contains(&context) {
            // Nothing is put aside because of a topic that is wrong: somebody
            // has to mend it, and then all of it goes out.
            let ready = topic::ready(inside, &[context]).await;
            ready.map_err(|it| Failure::unavailable("the bus", it.to_string()))?;
            self.ready.lock().push(context);
        }
        let (taken, failure) = self.send_all(inside, context, events).await;
        let Some(error) = failure else { return Ok(taken) };
        // Whatever went wrong, the topic may not be what it was.
        self.ready.lock().retain(|it| *it != context);
        let producer = self.producer.lock().clone();
        if producer.client().fatal_error().is_some() {
            tracing::error!(%error, "the producer cannot go on; another takes its place");
            let another = self::producer(inside);
            *self.producer.lock() = another.map_err(|it| Failure::fault(it.to_string()))?;
        }
        match events {
            [first, ..] if taken == 0 => Err(failed(&error, first, inside.settings.largest)),
            _ => Ok(taken),
        }
    }

    /// How many of the first were taken, and what went wrong first.
    async fn send_all(
        &self,
        inside: &Inside,
        context: &str,
        events: &[Event],
    ) -> (usize, Option<KafkaError>) {
        let producer = self.producer.lock().clone();
        let topic = inside.settings.topic(inside.system, context);
        let mut flights = Vec::with_capacity(events.len());
        let mut failure = None;
        for event in events {
            match send(&producer, inside, &topic, event) {
                Ok(flight) => flights.push(flight),
                // As many as there is room for.
                Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull))
                    if !flights.is_empty() =>
                {
                    break;
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        // What is in flight lands, or does not, before anything is sent again.
        let (mut taken, mut broken) = (0, None);
        for flight in flights {
            match flight.await {
                Ok(Ok(_)) if broken.is_none() => taken += 1,
                Ok(Ok(_)) => {} // behind a hole
                Ok(Err((error, _))) => broken = broken.or(Some(error)),
                Err(_) => broken = broken.or(Some(KafkaError::Canceled)),
            }
        }
        (taken, broken.or(failure))
    }
}

fn send(
    producer: &FutureProducer,
    inside: &Inside,
    topic: &str,
    event: &Event,
) -> Result<DeliveryFuture, KafkaError> {
    let key = cloud_events::partition_key(event);
    // Its time is that at which the broker takes it: business time may jump, and
    // a topic forgets by this.
    let record = FutureRecord::to(topic)
        .key(&key)
        .payload(&*event.body)
        .headers(message::headers(inside.system, event));
    producer.send_result(record).map_err(|(error, _)| error)
}

fn producer(inside: &Inside) -> Result<FutureProducer, KafkaError> {
    let mut config = inside.settings.client();
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("delivery.timeout.ms", inside.settings.patience.to_string())
        .set("queue.buffering.max.messages", "100000")
        .set("queue.buffering.max.kbytes", "65536")
        .set("message.max.bytes", inside.settings.message_bytes_max().to_string())
        // The same partition for the same case as every other client has it.
        .set("partitioner", "murmur2_random");
    config.create()
}

/// What passes is tried again; what is too large is never taken. The broker may
/// say this of many that went at once: then it is the topic that is wrong.
fn failed(error: &KafkaError, first: &Event, largest: usize) -> Failure {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize)
            if first.body.len() > largest =>
        {
            Failure::fault("the event is larger than the bus takes")
        }
        _ => Failure::unavailable("the bus", error.to_string()),
    }
}

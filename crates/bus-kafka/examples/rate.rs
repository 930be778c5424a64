//! How fast the bus is, beside a bare producer and a bare consumer of the same
//! client that move the same bytes over the same broker:
//!
//! `cargo run --release -p bus-kafka --example rate [EVENTS]`

use std::{
    env,
    error::Error,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bus_conformance::{Parts, meters, until};
use bus_kafka::{KafkaBus, Settings};
use kafka_for_tests::Broker;
use kernel::Event;
use rdkafka::{
    ClientConfig, ClientContext, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, RDKafkaErrorCode::QueueFull},
    message::{Header, OwnedHeaders},
    producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
};
use runtime::ports::{Bus as _, Heard};

type Told<T> = Result<T, Box<dyn Error>>;

/// As many as the runtime gives the bus at once.
const WINDOW: usize = 2048;
const ROUNDS: usize = 3;

/// How many were taken, and why the first was not that was not.
#[derive(Default)]
struct Taken((AtomicUsize, OnceLock<KafkaError>));

impl ClientContext for Taken {}

impl ProducerContext for Taken {
    type DeliveryOpaque = ();

    fn delivery(&self, delivered: &DeliveryResult<'_>, (): ()) {
        match delivered {
            Ok(_) => drop(self.0.0.fetch_add(1, Ordering::AcqRel)),
            Err((error, _)) => drop(self.0.1.set(error.clone())),
        }
    }
}

#[tokio::main]
async fn main() -> Told<()> {
    let count = env::args().nth(1).map_or(Ok(300_000), |it| it.parse())?;
    let broker = Broker::start()?;
    let remark = "삼월에 다시 읽기로 함. ".repeat(6);
    let events: Vec<_> =
        (1..=count).map(|at| meters::reading(at, at % 5000 + 1, at / 5000 + 1, &remark)).collect();
    let body = events[0].body.len();
    println!("{count} events with bodies of {body} bytes, 12 partitions, best of {ROUNDS}\n");
    let (mut out, mut bare_out, mut heard, mut bare_in) = (0.0, 0.0, 0.0, 0.0);
    for _ in 0..ROUNDS {
        let settings = fresh(&broker)?;
        out = f64::max(out, publish(&settings, &events).await?);
        bare_out = f64::max(bare_out, bare_publish(&fresh_topic(&broker).await?, &events)?);
        heard = f64::max(heard, hear(&fresh_topic(&broker).await?, &events).await?);
        bare_in = f64::max(bare_in, bare_hear(&fresh_topic(&broker).await?, &events)?);
    }
    print("published, in windows", out);
    print("a bare producer", bare_out);
    println!("  ratio {:.2}\n", out / bare_out);
    print("heard", heard);
    print("a bare consumer", bare_in);
    println!("  ratio {:.2}\n", heard / bare_in);
    through_the_runtime(&fresh(&broker)?).await
}

fn print(what: &str, rate: f64) {
    println!("{what:24} {rate:>9.0} events/s");
}

fn fresh(broker: &Broker) -> Told<Settings> {
    let mut settings = Settings::of(&format!("kafka://{}", broker.address()))?;
    settings.prefix = broker.fresh_prefix();
    Ok(settings)
}

async fn fresh_topic(broker: &Broker) -> Told<Settings> {
    let settings = fresh(broker)?;
    KafkaBus::of(&meters::system(), settings.clone())?.ready(&["gauge"]).await?;
    Ok(settings)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is no exact figure")]
fn rate(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}

async fn publish(settings: &Settings, events: &[Event]) -> Told<f64> {
    let bus = KafkaBus::of(&meters::system(), settings.clone())?;
    bus.publish(&events[..1]).await?;
    let begun = Instant::now();
    let mut published = 0;
    while published < events.len() {
        let window = &events[published..events.len().min(published + WINDOW)];
        published += bus.publish(window).await?;
    }
    Ok(rate(events.len(), begun))
}

/// The same settings, and the bytes ready before the clock starts.
fn bare_publish(settings: &Settings, events: &[Event]) -> Told<f64> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("queue.buffering.max.messages", "100000")
        .set("partitioner", "murmur2_random");
    let producer: ThreadedProducer<Taken> = config.create_with_context(Taken::default())?;
    let topic = format!("{}.meters.gauge", settings.prefix);
    let ready: Vec<_> = events.iter().map(bytes).collect();
    let begun = Instant::now();
    for ((key, headers), event) in ready.into_iter().zip(events) {
        let mut record = BaseRecord::to(&topic).key(&key).payload(&*event.body).headers(headers);
        while let Err((error, again)) = producer.send(record) {
            let KafkaError::MessageProduction(QueueFull) = error else { return Err(error.into()) };
            std::thread::sleep(Duration::from_millis(1));
            record = again;
        }
    }
    producer.flush(Duration::from_mins(1))?;
    let rate = rate(events.len(), begun);
    let (taken, failed) = &producer.context().0;
    if taken.load(Ordering::Acquire) < events.len() {
        return Err(format!("{taken:?} were taken: {:?}", failed.get()).into());
    }
    Ok(rate)
}

fn bytes(event: &Event) -> (String, OwnedHeaders) {
    let mut headers = OwnedHeaders::new();
    for (name, value) in cloud_events::attributes("meters", event) {
        let key = match name {
            "datacontenttype" => "content-type".to_owned(),
            name => format!("ce_{name}"),
        };
        headers = headers.insert(Header { key: &key, value: Some(&value) });
    }
    (cloud_events::partition_key(event), headers)
}

/// All of it is on the broker before anybody listens to what is heard.
async fn hear(settings: &Settings, events: &[Event]) -> Told<f64> {
    let bus = KafkaBus::of(&meters::system(), settings.clone())?;
    let mut ear = bus.follow("gauge")?;
    let Some(Heard::Gap) = ear.recv().await else { return Err("it does not begin".into()) };
    bare_publish(settings, events)?;
    let begun = Instant::now();
    for _ in events {
        let Some(Heard::Event(_)) = ear.recv().await else { return Err("a gap".into()) };
    }
    Ok(rate(events.len(), begun))
}

/// As `hear`, with nothing done about what is heard.
fn bare_hear(settings: &Settings, events: &[Event]) -> Told<f64> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.brokers)
        .set("group.id", "rate")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("fetch.wait.max.ms", "100");
    let consumer: BaseConsumer = config.create()?;
    let mut from = TopicPartitionList::new();
    for partition in 0..settings.partitions {
        let topic = format!("{}.meters.gauge", settings.prefix);
        from.add_partition_offset(&topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&from)?;
    bare_publish(settings, events)?;
    let begun = Instant::now();
    for _ in events {
        consumer.poll(Duration::from_mins(1)).ok_or("nothing comes")??;
    }
    Ok(rate(events.len(), begun))
}

/// A journal that nobody was told of goes out, and another context notes it all.
async fn through_the_runtime(settings: &Settings) -> Told<()> {
    let [gauge, board] = Parts::empty();
    let parts = Parts::over([Arc::clone(&gauge), board], None, None);
    for meter in 1..=50 {
        parts.read_one(meter).await;
    }
    for _ in 0..100 {
        parts.read(1..=50, 20).await;
    }
    let Parts { gauge: telling, board: hearing, .. } = parts;
    telling.stop().await;
    hearing.stop().await;
    let count = usize::try_from(gauge.heads("gauge")?.position)?;
    let bus = || KafkaBus::of(&meters::system(), settings.clone()).map(Arc::new);
    let (here, there) = (bus()?, bus()?);
    here.ready(&["gauge", "board"]).await?;
    let [_, board] = Parts::empty();
    let begun = Instant::now();
    let parts = Parts::over([gauge, board], Some(here), Some(there));
    until("all is told", async || parts.untold().await.is_empty()).await;
    print("a journal is told", rate(count, begun));
    parts.all_is_noted().await;
    print("and noted by another", rate(count, begun));
    Ok(())
}

//! Ways to one broker.

use std::{collections::BTreeMap, sync::Arc};

use bus_kafka::{KafkaBus, Settings};
use kafka_for_tests::Broker;
use kernel::{Event, System};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use runtime::{ports::Bus, store::Store};

/// How topics are made that nobody has used.
pub fn settings(broker: &Broker) -> Settings {
    let mut settings = Settings::of(&format!("kafka://{}", broker.address())).unwrap();
    settings.prefix = broker.fresh_prefix();
    settings.partitions = 3;
    settings
}

/// One more process on it.
pub fn bus(system: &System, settings: &Settings) -> Arc<KafkaBus> {
    Arc::new(KafkaBus::of(system, settings.clone()).unwrap())
}

/// One that publishes this journal of the gauge.
pub fn bus_of(system: &System, settings: &Settings, journal: &Arc<dyn Store>) -> Arc<KafkaBus> {
    let journals = BTreeMap::from([("gauge", Arc::clone(journal))]);
    Arc::new(KafkaBus::of_journals(system, settings.clone(), journals).unwrap())
}

/// A place of its own on a broker.
pub fn place(broker: &Broker) -> impl Fn(&System) -> Option<Arc<dyn Bus>> + use<> {
    let settings = settings(broker);
    move |system: &System| Some(bus(system, &settings) as _)
}

/// Any client of the broker.
pub fn client(settings: &Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &settings.brokers).set("message.max.bytes", "900000");
    config
}

/// Somebody else who writes to the topic of the gauge.
pub struct Stranger {
    producer: FutureProducer,
    topic: String,
}

impl Stranger {
    pub fn on(settings: &Settings) -> Self {
        let producer = client(settings).create().unwrap();
        Self { producer, topic: format!("{}.meters.gauge", settings.prefix) }
    }

    /// Whatever it likes.
    pub async fn says(&self, key: &str, headers: &[(String, String)], body: &[u8]) {
        let mut told = OwnedHeaders::new();
        for (key, value) in headers {
            told = told.insert(Header { key, value: Some(value) });
        }
        let record = FutureRecord::to(&self.topic).key(key).payload(body).headers(told);
        self.producer.send(record, None).await.unwrap();
    }

    /// An event of that system as it should be, or with one header changed.
    pub async fn says_event(&self, system: &str, event: &Event, (name, value): (&str, &str)) {
        let mut headers = headers(system, event);
        for header in headers.iter_mut().filter(|header| header.0 == name) {
            value.clone_into(&mut header.1);
        }
        self.says(&cloud_events::partition_key(event), &headers, &event.body).await;
    }
}

/// The headers of an event.
pub fn headers(system: &str, event: &Event) -> Vec<(String, String)> {
    let told = cloud_events::attributes(system, event).into_iter();
    let name = |name| match name {
        "datacontenttype" => "content-type".to_owned(),
        name => format!("ce_{name}"),
    };
    told.map(|(it, value)| (name(it), value)).collect()
}

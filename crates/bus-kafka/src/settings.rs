//! Where the brokers are, and how topics are made.

use rdkafka::ClientConfig;
use runtime::EVENT_BYTES_MAX;
use thiserror::Error;

/// How much is told beside the body of an event at the most, in bytes.
const BESIDE: usize = 16 * 1024;
/// How much goes at once, in bytes; as every client and every broker has it,
/// unless they are told otherwise.
const AT_ONCE: usize = 1_048_588;

/// Where the brokers are, and how topics are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `host:9092,other:9092`
    pub brokers: String,
    /// What the names of topics begin with.
    pub prefix: String,
    /// How many partitions a topic has. It cannot be changed later: the order of
    /// a case is that of its partition.
    pub partitions: i32,
    /// On how many brokers a topic is kept.
    pub replicas: i32,
    /// How long a topic remembers, in milliseconds.
    pub retention: i64,
    /// The largest event, in bytes.
    pub largest: usize,
    /// How long one event may be on its way, in milliseconds: shorter than a
    /// lease, so that whoever has lost it has little under way.
    pub patience: u64,
}

/// Why there is no bus.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The address says nothing.
    #[error("{0:?} is no address of a bus: it must be kafka://HOST:PORT[,HOST:PORT…]")]
    Address(String),
    /// The client does not take them.
    #[error("the bus cannot be set up: {0}")]
    Client(#[from] rdkafka::error::KafkaError),
}

impl Settings {
    /// `kafka://host:9092,other:9092`
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn of(url: &str) -> Result<Self, SettingsError> {
        let wrong = || SettingsError::Address(url.to_owned());
        let brokers = url.strip_prefix("kafka://").ok_or_else(wrong)?.trim_end_matches('/');
        let is_one = |it: &str| {
            let (host, port) = it.rsplit_once(':').unwrap_or_default();
            !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok()
        };
        if !brokers.split(',').all(is_one) {
            return Err(wrong());
        }
        Ok(Self {
            brokers: brokers.to_owned(),
            prefix: "madang".to_owned(),
            partitions: 12,
            replicas: 1,
            retention: 7 * 24 * 60 * 60 * 1000,
            largest: EVENT_BYTES_MAX,
            patience: 4000,
        })
    }

    /// What every client begins with.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "madang")
            // Seen on a real broker: the defaults wait too long to come back.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            .set("socket.keepalive.enable", "true")
            .set("log.connection.close", "false");
        config
    }

    /// What everyone begins with who reads; where they are is not kept with the
    /// broker.
    pub(crate) fn reader(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", "madang")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "100");
        config
    }

    /// The largest message, an event with what is told beside it; and the most
    /// that goes at once, which the broker measures by the same.
    pub(crate) fn message_bytes_max(&self) -> usize {
        (self.largest + BESIDE).max(AT_ONCE)
    }

    /// The name of the topic of a journal: `madang.repair.stock`.
    pub(crate) fn topic(&self, system: &str, context: &str) -> String {
        format!("{}.{system}.{context}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn an_address_names_every_broker() {
        let settings = Settings::of("kafka://one:9092,two:9093").expect("two brokers");
        assert_eq!(settings.brokers, "one:9092,two:9093");
        assert_eq!(settings.topic("repair", "stock"), "madang.repair.stock");
        for bad in ["", "one:9092", "kafka://", "kafka://one", "kafka://one:x", "kafka://a/b:1"] {
            let error = Settings::of(bad).map(drop).expect_err(bad).to_string();
            assert!(error.contains("must be kafka://HOST:PORT"), "{error}");
        }
    }
}

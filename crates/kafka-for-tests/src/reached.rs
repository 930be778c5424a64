//! Whether a broker answers.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
};

/// How long a broker may take to come up: a virtual machine on a busy computer.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(3);

/// Waits until it answers, as long as there is somebody who may.
pub fn wait(address: &str, alive: impl Fn() -> bool) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        match ask(address) {
            Ok(()) => return Ok(()),
            Err(error) if !alive() => return Err(format!("the broker has ended ({error})")),
            Err(error) if begun.elapsed() > PATIENCE => {
                return Err(format!("{address} does not answer: {error}"));
            }
            Err(_) => sleep(Duration::from_millis(50)),
        }
    }
}

fn ask(address: &str) -> Result<(), KafkaError> {
    let mut config = ClientConfig::new();
    // The log of a client that only knocks is nobody's concern.
    config.set("bootstrap.servers", address).set("log_level", "0");
    let asking: BaseConsumer = config.create()?;
    asking.fetch_metadata(None, ANSWER).map(drop)
}

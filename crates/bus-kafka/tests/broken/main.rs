//! The bus on a real broker that is killed, stopped and frozen. There is one for
//! all of these tests, which wait for each other.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how it fails")]

mod away;
mod load;

use std::sync::{Arc, OnceLock};

use bus_kafka::{KafkaBus, Settings};
use kafka_for_tests::Broker;
use kernel::System;
use runtime::ports::Bus;
use tokio::sync::{Mutex, MutexGuard};

/// The broker, for one test at a time.
async fn broker() -> Option<MutexGuard<'static, Arc<Broker>>> {
    static ONE: OnceLock<Option<Mutex<Arc<Broker>>>> = OnceLock::new();
    let one = ONE.get_or_init(|| Broker::own().map(|it| Mutex::new(Arc::new(it))));
    Some(one.as_ref()?.lock().await)
}

/// A place of its own on it.
fn place(broker: &Broker) -> impl Fn(&System) -> Option<Arc<dyn Bus>> + use<> {
    let mut settings = Settings::of(&format!("kafka://{}", broker.address())).unwrap();
    settings.prefix = broker.fresh_prefix();
    move |system: &System| Some(Arc::new(KafkaBus::of(system, settings.clone()).unwrap()) as _)
}

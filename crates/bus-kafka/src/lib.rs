//! The bus between processes over Apache Kafka: one topic for every journal,
//! `CloudEvents` in binary mode, keyed by case.
//!
//! Kafka brings news, it does not keep them for us. Who publishes keeps its
//! place in its own store and begins again from there; who hears looks into the
//! journal itself for whatever is missing. So a broker may be killed, restored
//! or emptied, and nothing is lost or done twice.

#![warn(missing_docs)]

mod hear;
mod message;
mod publish;
mod refused;
mod settings;
mod topic;

use std::sync::Arc;

use kernel::{Event, System};
use runtime::{
    Failure,
    ports::{Bus, Heard, Pending},
};
use tokio::sync::mpsc;

use publish::Publisher;
pub use refused::{Refusals, Refused};
pub use settings::{Settings, SettingsError};

/// The bus over Kafka.
pub struct KafkaBus {
    inside: Arc<Inside>,
    publisher: Publisher,
}

/// What everyone who speaks to the broker knows.
struct Inside {
    settings: Settings,
    system: &'static str,
    names: cloud_events::Names,
    refusals: Refusals,
}

impl KafkaBus {
    /// A bus for this system. The broker need not be there yet.
    ///
    /// # Errors
    ///
    /// When the settings cannot be right.
    pub fn of(system: &System, settings: Settings) -> Result<Self, SettingsError> {
        let names = cloud_events::Names::of(system);
        let refusals = Refusals::default();
        let inside = Arc::new(Inside { settings, system: system.name, names, refusals });
        let publisher = Publisher::of(&inside)?;
        Ok(Self { inside, publisher })
    }

    /// What was on a topic and is none of our events, the newest last.
    #[must_use]
    pub fn refused(&self) -> Vec<Refused> {
        self.inside.refusals.all()
    }

    /// Makes the topics of these journals, or checks those that are there.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] while the broker is away; any other when a topic
    /// is there and is wrong.
    pub async fn ready(&self, contexts: &[&'static str]) -> Result<(), Failure> {
        topic::ready(&self.inside, contexts).await
    }
}

impl Bus for KafkaBus {
    fn publish<'a>(&'a self, events: &'a [Event]) -> Pending<'a, Result<(), Failure>> {
        Box::pin(self.publisher.publish(&self.inside, events))
    }

    fn follow(&self, context: &'static str) -> Result<mpsc::Receiver<Heard>, Failure> {
        hear::follow(&self.inside, context)
    }
}

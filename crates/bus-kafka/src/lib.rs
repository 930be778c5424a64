//! The bus between processes over Apache Kafka: one topic for every journal,
//! `CloudEvents` in binary mode, keyed by case.
//!
//! Kafka brings news, it does not keep them for us. Who publishes keeps its
//! place in its own store and begins again from there; who hears looks into the
//! journal itself for whatever is missing. So a broker may be killed, restored
//! or emptied, and nothing is lost or done twice.

#![warn(missing_docs)]

mod copies;
mod hear;
mod message;
mod owner;
mod publish;
mod refused;
mod settings;
mod topic;

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Event, System};
use runtime::{
    Failure,
    ports::{Bus, Heard, Pending},
    store::Store,
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
    /// The journals that are published here.
    journals: BTreeMap<&'static str, Arc<dyn Store>>,
}

impl Inside {
    /// Whether something that is from there is of this system.
    fn is_ours(&self, source: &str) -> bool {
        let system = source.strip_prefix('/').and_then(|it| it.split('/').next());
        system == Some(self.system)
    }
}

impl KafkaBus {
    /// A bus for this system. The broker need not be there yet.
    ///
    /// # Errors
    ///
    /// When the settings cannot be right.
    pub fn of(system: &System, settings: Settings) -> Result<Self, SettingsError> {
        Self::of_journals(system, settings, BTreeMap::new())
    }

    /// The same, for a process that publishes these journals: what is on their
    /// topics already must be of them.
    ///
    /// # Errors
    ///
    /// As [`KafkaBus::of`].
    pub fn of_journals(
        system: &System,
        settings: Settings,
        journals: BTreeMap<&'static str, Arc<dyn Store>>,
    ) -> Result<Self, SettingsError> {
        let names = cloud_events::Names::of(system);
        let (system, refusals) = (system.name, Refusals::default());
        let inside = Arc::new(Inside { settings, system, names, refusals, journals });
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
    /// is there and is wrong, in one line that says what to do: another number of
    /// partitions, forgets too soon, takes too little, or somebody else's.
    pub async fn ready(&self, contexts: &[&'static str]) -> Result<(), Failure> {
        topic::ready(&self.inside, contexts).await
    }
}

impl Bus for KafkaBus {
    fn publish<'a>(&'a self, events: &'a [Event]) -> Pending<'a, Result<usize, Failure>> {
        Box::pin(self.publisher.publish(&self.inside, events))
    }

    fn follow(&self, context: &'static str) -> Result<mpsc::Receiver<Heard>, Failure> {
        hear::follow(&self.inside, context)
    }
}

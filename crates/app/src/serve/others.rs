//! The contexts that other processes serve, and the way between them and us.

use std::sync::Arc;

use axum::Router;
use between::{Client, Door, Keys, Target};
use bus_kafka::KafkaBus;
use kernel::System;
use rest::edge::drain::Drain;
use runtime::{
    Runtime,
    ports::{Bus, Elsewhere},
};
use tokio::sync::watch;

use super::ambient::SystemClock;
use crate::{
    exit::{Code, OrStop, Outcome},
    settings::Settings,
};

/// The way to other processes, where there are any.
pub struct Others {
    /// Whom to ask.
    pub elsewhere: Option<Arc<dyn Elsewhere>>,
    /// Where to hear, if not from them.
    pub bus: Option<Arc<dyn Bus>>,
    keys: Option<Arc<Keys>>,
}

impl Others {
    /// As the settings have it. Nobody need be there yet.
    pub fn of(system: &System, settings: &Settings) -> Outcome<Self> {
        let keys = settings.keys.as_deref().map(Keys::from_file).transpose();
        let keys = keys.or_stop(Code::Usage)?.map(Arc::new);
        let names = system.contexts.iter().map(|it| it.name).filter(|it| !settings.serves(it));
        let places = names.filter_map(|it| Some((it.to_owned(), settings.places.get(it)?)));
        let targets = places.map(|(name, urls)| {
            Ok((name, Target::of(urls.iter().map(String::as_str)).or_stop(Code::Usage)?))
        });
        let targets = targets.collect::<Outcome<std::collections::BTreeMap<_, _>>>()?;
        let elsewhere = keys.as_ref().filter(|_| !targets.is_empty()).map(|keys| {
            let client = Client::of(system, targets, Arc::clone(keys), Arc::new(SystemClock));
            Arc::new(client) as Arc<dyn Elsewhere>
        });
        let bus = settings.bus.as_deref().map(|url| -> Outcome<Arc<dyn Bus>> {
            let bus = bus_kafka::Settings::of(url).or_stop(Code::Usage)?;
            Ok(Arc::new(KafkaBus::of(system, bus).or_stop(Code::Usage)?))
        });
        Ok(Self { elsewhere, bus: bus.transpose()?, keys })
    }

    /// The way in, for those who have a key.
    pub fn door(&self, runtime: &Runtime, drain: Drain) -> Router {
        let Some(keys) = &self.keys else { return Router::new() };
        let (runtime, keys, clock) = (runtime.clone(), Arc::clone(keys), Arc::new(SystemClock));
        let (ends, ending) = watch::channel(false);
        tokio::spawn(async move {
            drain.draining().await;
            ends.send_replace(true);
        });
        Door { runtime, keys, clock, ending }.router()
    }
}

//! Gateways, and the business at work behind them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use gateway::{Gateway, Ground, Places, Settings};
use kernel::System;
use rehearsal::{Provider, Rehearsal, Seeded};
use rest::{
    Rest,
    edge::{Drained, Edge, limits::Limits, listen::listen},
};
use serde_json::json;
use tokio::{sync::oneshot, task::JoinHandle};

/// A gateway at work.
pub struct Front {
    pub address: SocketAddr,
    pub operators: SocketAddr,
    stop: oneshot::Sender<()>,
    end: JoinHandle<Drained>,
}

/// Something behind a gateway, that serves the business.
pub struct Server {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    end: JoinHandle<Drained>,
}

/// Looks often, so that a test need not wait long.
pub fn settings() -> Settings {
    let look = Duration::from_millis(10);
    Settings { look, rate: 0, resolve: Duration::from_millis(20), ..Settings::default() }
}

/// Every context at these.
pub fn all_at(addresses: &[SocketAddr]) -> Places {
    Places { common: addresses.iter().map(ToString::to_string).collect(), ..Places::default() }
}

/// These contexts at those.
pub fn at(places: &[(&str, SocketAddr)]) -> Places {
    let mut at = Places::default();
    for (context, address) in places {
        at.contexts.entry((*context).to_owned()).or_default().push(address.to_string());
    }
    at
}

impl Front {
    pub async fn of(places: Places) -> Self {
        Self::with(places, settings(), Limits::default()).await
    }

    pub async fn with(places: Places, settings: Settings, limits: Limits) -> Self {
        let (systems, chance) = (vec![appliance_repair::system()], Arc::new(Seeded::new(7)));
        Self::on(Ground { systems, alone: true, places, settings, chance }, limits).await
    }

    /// In front of several businesses.
    pub async fn of_many(systems: Vec<System>, places: Places) -> Self {
        let (settings, chance) = (settings(), Arc::new(Seeded::new(7)));
        let ground = Ground { systems, alone: false, places, settings, chance };
        Self::on(ground, Limits::default()).await
    }

    async fn on(ground: Ground, limits: Limits) -> Self {
        let (public, operators) = (listen("127.0.0.1:0").unwrap(), listen("127.0.0.1:0").unwrap());
        let addresses = (public.address(), operators.address());
        let mut edge = Edge::new(limits);
        Gateway::start(ground, &edge).await.serve(&mut edge, public, operators);
        let (stop, end) = run(edge);
        Self { address: addresses.0, operators: addresses.1, stop, end }
    }

    /// Begins the end; the answer comes when it is over.
    pub fn stop(self) -> JoinHandle<Drained> {
        self.stop.send(()).unwrap();
        self.end
    }
}

/// The business at work, in memory.
pub fn business() -> Rehearsal {
    let answers = |_: &str, _: &serde_json::Value, _: &runtime::lab::Mood| json!({ "outcome": "captured", "paymentKey": "k" });
    let provider = Provider::named("payment-provider", answers);
    Rehearsal::of(appliance_repair::system, provider).unwrap()
}

impl Server {
    /// Serves all of it, as one process of several that have the same data.
    pub fn of(business: &Rehearsal) -> Self {
        Self::at(business, "127.0.0.1:0", Limits::default())
    }

    pub fn at(business: &Rehearsal, address: &str, limits: Limits) -> Self {
        let listener = listen(address).unwrap();
        let address = listener.address();
        let mut edge = Edge::new(limits);
        let mut rest = Rest::new(business.runtime().clone());
        rest.bases.push(String::new());
        rest.drain = Some(edge.drain());
        edge.serve(listener, rest.router());
        let (stop, end) = run(edge);
        Self { address, stop, end }
    }

    /// Begins the end; the answer comes when it is over.
    pub fn stop(self) -> JoinHandle<Drained> {
        self.stop.send(()).unwrap();
        self.end
    }
}

fn run(edge: Edge) -> (oneshot::Sender<()>, JoinHandle<Drained>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let end = edge.run_until(async {
        // A test that is over ends it too.
        drop(stopped.await);
    });
    (stop, tokio::spawn(end))
}

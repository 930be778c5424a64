//! Who there is: finds the replicas of every crew, and has each of them looked after once.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddr,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::time::{Instant, interval_at};

use crate::{crew::Crew, health, replica::Replica, settings::Settings};

/// Every replica there is; one that serves several contexts is one.
pub struct Roster {
    settings: Settings,
    known: Mutex<BTreeMap<SocketAddr, Weak<Replica>>>,
}

impl Roster {
    /// Nobody yet.
    pub fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self { settings, known: Mutex::default() })
    }

    /// Finds the members of a crew and has asked each once how it is; where one of them has a
    /// name, goes on asking who bears it.
    pub async fn gather(self: Arc<Self>, crew: Arc<Crew>) {
        self.look_up(&crew).await;
        if crew.at.iter().all(|it| it.parse::<SocketAddr>().is_ok()) {
            return;
        }
        tokio::spawn(async move {
            let every = self.settings.resolve;
            let mut rounds = interval_at(Instant::now() + every, every);
            loop {
                rounds.tick().await;
                self.look_up(&crew).await;
            }
        });
    }

    /// A name that cannot be looked up now leaves everything as it was.
    async fn look_up(&self, crew: &Crew) {
        let mut found = BTreeSet::new();
        for at in &crew.at {
            match addresses(at).await {
                Ok(addresses) => found.extend(addresses),
                Err(error) => {
                    tracing::warn!(context = crew.context, at, %error, "cannot be looked up");
                    if !crew.members().is_empty() {
                        return;
                    }
                }
            }
        }
        let before = crew.members();
        if before.iter().map(|it| it.address).eq(found.iter().copied()) {
            return;
        }
        let mut members = Vec::new();
        for address in found {
            let (replica, is_new) = self.replica(address);
            if is_new {
                health::look(&replica).await;
                tokio::spawn(health::watch(Arc::downgrade(&replica), self.settings.look));
            }
            members.push(replica);
        }
        crew.consists_of(members);
    }

    fn replica(&self, address: SocketAddr) -> (Arc<Replica>, bool) {
        let mut known = self.known.lock();
        known.retain(|_, it| it.strong_count() > 0);
        if let Some(replica) = known.get(&address).and_then(Weak::upgrade) {
            return (replica, false);
        }
        let replica = Arc::new(Replica::new(address, &self.settings));
        known.insert(address, Arc::downgrade(&replica));
        (replica, true)
    }
}

/// All addresses of a name; an address is its own.
async fn addresses(at: &str) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = at.parse() {
        return Ok(vec![address]);
    }
    Ok(tokio::net::lookup_host(at).await?.collect())
}

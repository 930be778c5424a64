//! One address for all contexts of all systems: stands in front of the replicas that serve them.
//!
//! Its addresses are those of the declarations ([`rest::Table`]); nothing else is passed on. A
//! request is understood whole, cleaned, framed anew, and given to one of the replicas that are
//! ready; what may be repeated is repeated, within a budget.
//!
//! **Invariant:** a request that may have reached a replica is repeated only if that changes
//! nothing: it only reads, or has an idempotency key.

#![warn(missing_docs)]

mod answer;
mod choice;
mod crew;
mod documents;
mod front;
mod heads;
mod health;
mod ledger;
mod operators;
mod pass;
mod rate;
mod replica;
mod roster;
mod routes;
mod settings;
mod upload;
mod wire;

use std::{convert::Infallible, sync::Arc};

use kernel::System;
use rest::edge::{Edge, guard::Served, listen::Listener};
use runtime::ports::Chance;

pub use settings::{Places, Settings};

use front::Front;

/// A gateway at work. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Front>);

/// What a gateway is made of.
pub struct Ground {
    /// The businesses it stands in front of.
    pub systems: Vec<System>,
    /// Whether the only business is at the root too.
    pub alone: bool,
    /// Where the contexts are served.
    pub places: Places,
    /// How much anybody may ask, and how long anything may take.
    pub settings: Settings,
    /// Where its names for requests come from.
    pub chance: Arc<dyn Chance>,
}

impl Gateway {
    /// Finds the replicas, has asked each of them once whether it is ready, and goes on asking.
    /// To be called inside the runtime that will serve it.
    pub async fn start(ground: Ground, edge: &Edge) -> Self {
        Self(Front::start(ground, edge.drain()).await)
    }

    /// Serves the public at this port, and operators at that one.
    pub fn serve(&self, edge: &mut Edge, public: Listener, operators: Listener) {
        edge.serve(public, self.public());
        let front = Arc::clone(&self.0);
        let answer = move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(operators::answer(&front, request).await) }
        };
        edge.serve(operators, tower::service_fn(answer));
    }

    fn public(&self) -> impl Served<answer::Said> + use<> {
        let front = Arc::clone(&self.0);
        tower::service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(front.answer(request).await) }
        })
    }
}

//! The replicas of one context.

use std::{net::SocketAddr, sync::Arc};

use parking_lot::{Mutex, RwLock};
use runtime::Budget;

use crate::{
    choice::{self, Luck},
    replica::{Health, Place, Replica},
};

/// The replicas of one context.
pub struct Crew {
    /// The context.
    pub context: &'static str,
    /// Where they are said to be: `host:port`.
    pub at: Vec<String>,
    /// For second attempts.
    pub budget: Mutex<Budget>,
    /// How many requests one replica is given at once.
    at_once_max: usize,
    members: RwLock<Arc<[Arc<Replica>]>>,
}

impl Crew {
    /// Without members yet.
    pub fn new(context: &'static str, at: Vec<String>, at_once_max: usize) -> Self {
        let (budget, members) = (Mutex::default(), RwLock::new(Arc::from([])));
        Self { context, at, budget, at_once_max, members }
    }

    /// Its members now.
    pub fn members(&self) -> Arc<[Arc<Replica>]> {
        Arc::clone(&self.members.read())
    }

    /// From now on these are its members.
    pub fn consists_of(&self, members: Vec<Arc<Replica>>) {
        *self.members.write() = members.into();
    }

    /// Whether anybody can be asked.
    pub fn is_served(&self) -> bool {
        self.members().iter().any(|it| it.health() > Health::Away)
    }

    /// A place at one of those that are ready, or, where nobody is, that answer at all: perhaps
    /// what is asked for does not need what they miss. `not` was tried just now.
    pub fn place(&self, luck: &Luck, not: Option<SocketAddr>) -> Option<Place> {
        let members = self.members();
        if let [only] = &*members {
            return (only.health() > Health::Away && self.has_room(only)).then(|| only.place())?;
        }
        let best = members.iter().map(|it| it.health()).max().filter(|it| *it > Health::Away)?;
        let mut able: Vec<_> = members.iter().filter(|it| it.health() == best).collect();
        if able.len() > 1 {
            able.retain(|it| Some(it.address) != not);
        }
        able.retain(|it| self.has_room(it));
        while let Some(index) = choice::of_two(able.len(), luck.draw(), |it| able[it].in_work()) {
            if let Some(place) = able[index].place() {
                return Some(place);
            }
            able.swap_remove(index);
        }
        None
    }

    fn has_room(&self, replica: &Replica) -> bool {
        replica.in_work() < self.at_once_max
    }
}

//! The chance that one life of a process has: numbers from the seed, and what
//! happens to it at the fault points of the code.

use std::sync::Arc;

use rehearsal::Seeded;
#[cfg(feature = "fault-points")]
use runtime::fault::Strike;
use runtime::ports::Chance;

use crate::{dice::Dice, life::Life, world::World};

/// The chance of one life.
pub struct OfLife {
    numbers: Seeded,
    #[cfg(feature = "fault-points")]
    world: Arc<World>,
    #[cfg(feature = "fault-points")]
    life: Arc<Life>,
}

impl OfLife {
    /// A new life has chance of its own: never the same numbers again.
    #[must_use]
    pub fn of(world: &Arc<World>, life: &Arc<Life>) -> Self {
        let numbers = Seeded::new(Dice::of(world.options.seed, &format!("life {life}")).bits());
        Self {
            numbers,
            #[cfg(feature = "fault-points")]
            world: Arc::clone(world),
            #[cfg(feature = "fault-points")]
            life: Arc::clone(life),
        }
    }
}

impl Chance for OfLife {
    fn bits(&self) -> u128 {
        self.numbers.bits()
    }

    #[cfg(feature = "fault-points")]
    fn strikes(&self, point: &'static str, can_wait: bool) -> Strike {
        let Self { world, life, .. } = self;
        let Some(names) = crate::points::IN_THE_CODE.get(point) else { return Strike::Nothing };
        world.faults.saw(names.reached);
        if point.starts_with("stop.") && world.faults.strike(names.crash) {
            world.trace(None, format!("process {life} ends: {}", names.crash));
            life.is_now_over();
        }
        if life.ends(world, names.crash) {
            return Strike::Gone;
        }
        let may_panic = !life.is_stopping() || point.starts_with("stop.");
        if may_panic && world.faults.strike(names.panic) {
            world.trace(None, format!("process {life}: {}", names.panic));
            return Strike::Panic;
        }
        let Some(wait) = names.wait.filter(|_| can_wait) else { return Strike::Nothing };
        if let Some(frozen) = life.frozen() {
            return Strike::Wait(frozen);
        }
        if world.faults.strike(wait) {
            return Strike::Wait(world.faults.lasts(wait));
        }
        Strike::Nothing
    }
}

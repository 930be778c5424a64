//! The broker is killed, stopped and frozen while everybody works.

use std::{sync::Arc, time::Duration};

use bus_conformance::{Outage, check_outage};
use kafka_for_tests::Broker;
use tokio::task::block_in_place;

use crate::{broker, place};

/// Longer than an event is under way.
const AWAY: Duration = Duration::from_secs(6);

struct Killed(Arc<Broker>);

impl Outage for Killed {
    fn cut(&mut self) {
        block_in_place(|| self.0.kill());
    }

    fn mend(&mut self) {
        block_in_place(|| self.0.start_again());
    }
}

struct Frozen(Arc<Broker>);

impl Outage for Frozen {
    fn cut(&mut self) {
        self.0.pause();
    }

    fn mend(&mut self) {
        self.0.resume();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_works_on_while_it_is_killed() {
    let Some(broker) = broker().await else { return };
    check_outage(&place(&broker), &mut Killed(Arc::clone(&broker)), AWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_works_on_while_it_is_frozen() {
    let Some(broker) = broker().await else { return };
    check_outage(&place(&broker), &mut Frozen(Arc::clone(&broker)), AWAY).await;
}

//! Every promise of a bus is kept on a real broker.

use kafka_for_tests::Broker;

use crate::yard::place;

#[tokio::test(flavor = "multi_thread")]
async fn two_parts_of_a_business_rely_on_it() {
    let Some(broker) = Broker::shared() else { return };
    bus_conformance::check(|| place(broker)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_port_promises() {
    let Some(broker) = Broker::shared() else { return };
    bus_conformance::check_port(|| place(broker)).await;
}

//! The promises are kept within one process: by journals that are looked at
//! again and again, and by a bus that is nothing but air.

use std::sync::Arc;

use bus_conformance::{Air, check, check_port};
use kernel::System;
use runtime::ports::Bus;

#[tokio::test(flavor = "multi_thread")]
async fn journals_that_are_looked_at() {
    check(|| |_: &System| None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_within_the_process() {
    check(air).await;
    check_port(air).await;
}

fn air() -> impl Fn(&System) -> Option<Arc<dyn Bus>> {
    let air = Air::new();
    move |_: &System| Some(Arc::clone(&air) as _)
}

//! Serves: opens everything, runs it until it is asked to end, and closes
//! everything again.

pub mod ambient;
mod business;
pub mod data;
mod database;
pub mod descriptors;
pub mod doors;
mod greeting;
mod janitor;
pub mod logging;
mod others;
pub mod signals;

use std::time::Duration;

use kernel::System;
use tokio::runtime::Builder;

use self::{business::Business, doors::Doors, greeting::Greeting, signals::Signals};
use crate::{
    exit::{self, Code, OrStop, Outcome, Stop},
    settings::Settings,
};

/// How long what is left may take at the very end.
const LAST: Duration = Duration::from_secs(2);

/// Serves a business until the process is asked to end; alone, it is at the
/// root too. Tethered, its standard input ends it as well.
pub fn run(system: System, (alone, tethered): (bool, bool), settings: &Settings) -> Outcome {
    logging::start(settings)?;
    let tokio = Builder::new_multi_thread().enable_all().build().or_stop(Code::Internal)?;
    let outcome = tokio.block_on(serve(system, (alone, tethered), settings));
    tokio.shutdown_timeout(LAST);
    outcome
}

/// What is opened first is closed last. The ports come before the data, so that
/// a port in use leaves no trace on the disk.
async fn serve(system: System, (alone, tethered): (bool, bool), settings: &Settings) -> Outcome {
    let mut signals = Signals::listen(tethered)?;
    let doors = Doors::open(&system, settings)?;
    let greeting = Greeting::of(&system, &doors, settings, alone);
    let business = Business::start(system, settings)?;
    let janitor = tokio::spawn(janitor::tidy(business.stores()));
    let edge = business.edge(doors, alone, settings);
    let mut broken = business.broken();
    // Whoever does not want to read it is served all the same.
    drop(exit::print(greeting));
    tracing::info!("started");

    let drained = edge.run_until(async {
        tokio::select! {
            (signal, _) = signals.next() => tracing::info!(signal, "ending"),
            _ = broken.wait_for(|it| *it) => tracing::error!("a database has failed; ending"),
        }
        // Whoever asks a second time does not want to wait.
        tokio::spawn(async move { std::process::exit(signals.next().await.1) });
    });
    let cut = drained.await.cut;
    janitor.abort();
    let has_failed = *broken.borrow();
    business.stop().await;
    tracing::info!(cut, "ended");
    if has_failed {
        let line = "a database has failed in a way that only a restart mends; what was \
                    acknowledged is on the disk";
        return Err(Stop::new(Code::Internal, line));
    }
    Ok(())
}

//! The disk under the store itself fails: the real store on the real engine, with the power going,
//! or with a write that fails. Here the disk is one of our own, in this process.

use anyhow::Result;
use power_loss::{Report as Trials, business, errors, full, power};
use tokio::task::block_in_place;

use crate::{Report, dose::Dose, report::Finding, site::Site};

/// Runs it: the power goes.
///
/// # Errors
///
/// Never: what is wrong is said.
pub async fn loss(_: &Site, dose: &Dose) -> Result<Report> {
    let some = (dose.n / 4).max(1);
    let trials = block_in_place(|| {
        vec![
            power::run(0..dose.n, true),
            power::run(0..dose.n, false),
            power::making((dose.n / 40).max(1)),
            business::run(0..some),
        ]
    });
    Ok(judged("the power goes", &trials))
}

/// Runs it: an operation of the disk fails, or there is no room.
///
/// # Errors
///
/// Never: what is wrong is said.
pub async fn failing(_: &Site, dose: &Dose) -> Result<Report> {
    let trials = block_in_place(|| vec![errors::run(dose.n, 1), full::run(dose.n, 1)]);
    Ok(judged("an operation of the disk fails", &trials))
}

fn judged(what: &str, trials: &[Trials]) -> Report {
    let mut report = Report::of(what);
    for trials in trials {
        let seen = trials.to_string();
        report.criterion(Finding::so(&trials.title, trials.is_good(), &seen).with(&seen));
    }
    report
}

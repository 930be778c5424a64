//! A little of every experiment, on the server as it is built for tests.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

use std::{path::PathBuf, sync::LazyLock};

use chaos::{
    Report, binary,
    experiments::{kill, last_part, walk},
};

static SERVER: LazyLock<PathBuf> = LazyLock::new(|| binary::beside().unwrap());

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_is_walked_through_whoever_is_away() {
    is_good(&walk::run(&SERVER).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_part_goes_to_one() {
    let plan = last_part::Plan { rounds: 20, ..last_part::Plan::default() };
    is_good(&last_part::run(&SERVER, &plan).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_it_is_killed() {
    let plan = kill::Plan { times: 3, ..kill::Plan::default() };
    is_good(&kill::run(&SERVER, &plan).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_between_databases_either() {
    let plan = kill::Plan { times: 3, apart: true, ..kill::Plan::default() };
    is_good(&kill::run(&SERVER, &plan).await.unwrap());
}

#[track_caller]
fn is_good(report: &Report) {
    assert!(report.is_good(), "{report}");
}

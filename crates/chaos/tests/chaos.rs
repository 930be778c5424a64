//! A little of some experiments, on the server as it is built for tests.

#![expect(clippy::unwrap_used, reason = "here a surprise ends the test, as it should")]

use std::{path::PathBuf, sync::LazyLock};

use chaos::{binary, catalogue::CATALOGUE, dose::Dose, site};

static SERVER: LazyLock<PathBuf> = LazyLock::new(|| binary::beside().unwrap());

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_is_walked_through_whoever_is_away() {
    passes("walk", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_part_goes_to_one() {
    passes("F-25/last-part", 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_it_is_killed() {
    passes("F-02", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_between_databases_either() {
    passes("F-02/apart", 3).await;
}

async fn passes(id: &str, n: u64) {
    let experiment = CATALOGUE.iter().find(|it| it.id == id).unwrap();
    let dose = Dose { n, ..experiment.dose(true, 7) };
    let run = async |site: &site::Site| (experiment.run)(site, &dose).await;
    let report = site::conduct(id, &SERVER, experiment.storage, run).await.unwrap();
    assert!(report.is_good(), "{report}");
}

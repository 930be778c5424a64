//! Every context in a process of its own, with a gateway in front; over a broker, or without one.

use std::time::Duration;

use anyhow::{Result, anyhow};
use kafka_for_tests::Broker;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

use crate::{
    Report,
    checks::Ledger,
    crowd::Crowd,
    deployment::{Deployment, GATEWAY},
    dose::Dose,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    wait::until,
};

/// How many work at the same time.
const WORKERS: u64 = 16;
/// How long they work between two kills, in milliseconds.
const MOMENT: (u64, u64) = (20, 1_000);
/// How soon all must be ready again.
const READY: Duration = Duration::from_secs(5);
/// How often the broker is killed.
const KILLS: u64 = 4;
/// For how long it is away.
const AWAY: Duration = Duration::from_secs(3);
/// How soon everything must be told after the last command.
const TOLD: Duration = Duration::from_secs(30);

/// Runs it: `kill -9` of one process after the other, which ask each other.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn kill(site: &Site, dose: &Dose) -> Result<Report> {
    killed(site, dose, None).await
}

/// Runs it: the same, and they hear of each other from a broker.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn kill_over_kafka(site: &Site, dose: &Dose) -> Result<Report> {
    killed(site, dose, Some(broker().await?)).await
}

async fn killed(site: &Site, dose: &Dose, broker: Option<Broker>) -> Result<Report> {
    let mut chance = dose.chance();
    let bus = broker.as_ref().map(|it| format!("kafka://{}", it.address()));
    let flags: Vec<_> = bus.iter().flat_map(|it| ["--bus", it.as_str()]).collect();
    let mut all = Deployment::start(site, &flags).await?;
    let crowd = Crowd::begin(all.gateway, WORKERS, &mut chance).await?;
    let (mut ready, mut looks, mut of_gateway) = (Vec::new(), Vec::new(), 0_u64);
    for life in 1..=u32::try_from(dose.n)? {
        let name = all.one_of_old(&mut chance).await?;
        looks.extend(look(&all).await);
        sleep(Duration::from_millis(MOMENT.0 + chance.below(MOMENT.1 - MOMENT.0))).await;
        if name == GATEWAY {
            of_gateway += 1;
            crowd.is_away();
        }
        ready.push(all.kill(name).await?);
        if name == GATEWAY {
            crowd.is_back(life, all.gateway);
        }
    }
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    let remains = Remains::of_all(site, all).await?;

    let mut report = Report::of(format!(
        "{} times kill -9 of one of 5 contexts and their gateway under {WORKERS} workers",
        dose.n
    ));
    report
        .fact("they hear of each other", if broker.is_some() { "over Kafka" } else { "directly" });
    report.fact("kills of the gateway", count(of_gateway));
    worked.facts(&mut report);
    report.fact("kill to all ready", middle_and_most(&ready));
    remains.facts(&mut report);
    report.criteria(worked.criteria(&remains));
    let longest = ready.iter().max().copied().unwrap_or_default();
    report.criterion(Finding::within("all ready again", READY, longest));
    report.findings(worked.findings(&remains));
    report.finding(worked.whole());
    report.finding(looked_at(&looks));
    report.findings(remains.findings());
    Ok(report)
}

/// Runs it: the broker is killed in the middle of a load, again and again.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn broker_killed(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let mut broker = broker().await?;
    let bus = format!("kafka://{}", broker.address());
    let all = Deployment::start(site, &["--bus", &bus]).await?;
    let crowd = Crowd::begin(all.gateway, WORKERS, &mut chance).await?;
    let began = Instant::now();
    let (mut looks, mut meanwhile) = (Vec::new(), Vec::new());
    for kill in 1..=KILLS {
        load(&crowd, dose.n * kill / (KILLS + 1)).await?;
        broker = spawn_blocking(move || {
            broker.kill();
            broker
        })
        .await?;
        let before = crowd.told();
        sleep(AWAY).await;
        looks.extend(look(&all).await);
        meanwhile.push(crowd.told() - before);
        broker = spawn_blocking(move || {
            broker.start_again();
            broker
        })
        .await?;
    }
    load(&crowd, dose.n).await?;
    let (took, told) = (began.elapsed(), crowd.told());
    let worked = crowd.end(&site.file("history.jsonl")).await?;
    // Its client says every time that it cannot be reached.
    let remains = Remains::of_all(site, all).await?.expecting(&["rdkafka"]);

    let mut report = Report::of(format!(
        "{KILLS} times kill -9 of the broker, which is away for {} s, under {WORKERS} workers",
        AWAY.as_secs()
    ));
    report.fact("requests", format!("{} in {:.1} s", count(told), took.as_secs_f64()));
    for one in &meanwhile {
        report.fact("told while it was away", count(*one));
    }
    worked.facts(&mut report);
    remains.facts(&mut report);
    report.criteria(worked.criteria(&remains));
    let idle = meanwhile.iter().filter(|it| **it == 0).map(|_| "nobody was answered".to_owned());
    report.criterion(Finding::each(
        "commands are taken without it",
        meanwhile.len(),
        idle.collect(),
    ));
    report.criterion(remains.told_within(TOLD));
    report.findings(worked.findings(&remains));
    report.finding(worked.whole());
    report.finding(looked_at(&looks));
    report.findings(remains.findings());
    Ok(report)
}

/// Waits until so many commands were told.
async fn load(crowd: &Crowd, commands: u64) -> Result<()> {
    let mut seen = crowd.told();
    // It may take long, as long as it goes on.
    while seen < commands {
        until("the load goes on", async || Ok((crowd.told() > seen).then_some(()))).await?;
        sleep(Duration::from_millis(10)).await;
        seen = crowd.told();
    }
    Ok(())
}

/// What is wrong with the ledger of all of them; nothing where one of them is away.
async fn look(all: &Deployment) -> Option<Vec<String>> {
    let ledger = Ledger::read(all.operators).await.ok()?;
    ledger.is_whole().then(|| ledger.wrong())
}

fn looked_at(looks: &[Vec<String>]) -> Finding {
    let wrong = looks.iter().filter_map(|it| it.first().cloned()).collect();
    Finding::each("the ledger added up whenever looked at", looks.len(), wrong)
}

async fn broker() -> Result<Broker> {
    spawn_blocking(Broker::private).await?.map_err(|why| anyhow!(why))
}

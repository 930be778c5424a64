//! Two engineers accept at the same instant, and there is one part.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet, time::Instant};

use crate::{
    Report,
    client::{Answer, Ask, Client},
    dose::Dose,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    wait::Patience,
    wish::Wish,
};

const ENGINEERS: [&str; 2] = ["kim", "lee"];
/// How many of them at the same time.
const AT_ONCE: u64 = 8;
/// Longer than anything here may take, so that an acceptance is always seen through.
const PATIENT: [&str; 2] = ["--see-through", "10000"];

/// What became of the last parts.
#[derive(Debug, Default)]
struct Tally {
    /// How long both answers took.
    took: Vec<Duration>,
    won: [u32; 2],
    wrong: Vec<String>,
}

/// Both engineers, each on a connection of their own.
struct Lane {
    server: SocketAddr,
    hands: [Client; 2],
}

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let server = site.launch(&PATIENT).start().await?;
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut lanes = JoinSet::new();
    for _ in 0..AT_ONCE {
        let lane = Lane { server: server.address, hands: [Client::new(true), Client::new(true)] };
        lanes.spawn(lane.run(dose.n, Arc::clone(&next)));
    }
    let mut all = Tally::default();
    for tally in lanes.join_all().await {
        let Tally { took, won, wrong } = tally?;
        all.took.extend(took);
        all.won = [all.won[0] + won[0], all.won[1] + won[1]];
        all.wrong.extend(wrong);
    }
    let took = began.elapsed();
    let remains = Remains::of(site, server).await?;
    Ok(report(dose, took, all, &remains))
}

fn report(dose: &Dose, took: Duration, tally: Tally, remains: &Remains) -> Report {
    let rounds = dose.size();
    let mut report = Report::of(format!(
        "{} times two accepts at once for one part, {AT_ONCE} at a time",
        count(dose.n)
    ));
    let events = |name: &str| remains.records.all().filter(|(_, it)| it.event == name).count();
    let late = events("ReservationRefused");
    let [kim, lee] = tally.won;
    report.fact("it took", format!("{:.1} s", took.as_secs_f64()));
    report.fact("both answers there", middle_and_most(&tally.took));
    report.fact("won by", format!("kim {}, lee {}", count(kim), count(lee)));
    report.fact("both saw the part free", format!("{}: the shelf decided", count(late)));
    remains.facts(&mut report);

    report.criterion(Finding::each("one has the part, the other is told", rounds, tally.wrong));
    let sum = |name: &str| {
        let rows = remains.shown.stocks.values();
        rows.filter_map(|it| it[name].as_u64()).sum::<u64>()
    };
    let sums = (sum("stock"), sum("reserved"), sum("available"));
    let expected = (dose.n, dose.n, 0);
    let seen = format!("stock, reserved, available: {sums:?}");
    report.criterion(
        Finding::so("all parts are held, and none is free", sums == expected, &seen).with(&seen),
    );
    let with = |status: &str| {
        let jobs = remains.shown.services.values();
        jobs.filter(|it| it["status"] == status).count()
    };
    let jobs = (with("ACCEPTED"), with("OUTOFSTOCK"));
    let is_half = jobs == (rounds, rounds);
    report.criterion(Finding::so("half of the jobs are ACCEPTED", is_half, format!("{jobs:?}")));
    let reserved = (events("PartsReserved"), events("AsAccepted"));
    let is_once = reserved == (rounds, rounds);
    report.criterion(Finding::so("one reservation a part", is_once, format!("{reserved:?}")));
    report.findings(remains.findings());
    report
}

impl Lane {
    /// Rounds, as long as there are any.
    async fn run(mut self, rounds: u64, next: Arc<AtomicU64>) -> Result<Tally> {
        let mut tally = Tally::default();
        loop {
            let round = next.fetch_add(1, Ordering::Relaxed);
            if round >= rounds {
                return Ok(tally);
            }
            self.round(round, &mut tally).await.with_context(|| format!("round {round}"))?;
        }
    }

    async fn round(&mut self, round: u64, tally: &mut Tally) -> Result<()> {
        let product = format!("LAST-{round}");
        let wish = Wish::Receive { product: product.clone(), parts: 1, price: 1_000 };
        self.given(&wish).await?;
        let mut jobs = [0; 2];
        for (job, customer) in jobs.iter_mut().zip(["hong", "park"]) {
            let customer = format!("{customer}-{round}");
            *job = self.given(&Wish::Request { customer, product: product.clone() }).await?;
            self.comes(&format!("/services/{job}")).await?;
        }
        let (took, answers) = self.accept(jobs).await?;
        tally.took.push(took);
        match self.judge(&product, jobs, &answers).await? {
            Ok(winner) => tally.won[winner] += 1,
            Err(wrong) => tally.wrong.push(format!("round {round}: {wrong}")),
        }
        Ok(())
    }

    /// Both at the same instant.
    async fn accept(&mut self, jobs: [u64; 2]) -> Result<(Duration, [Answer; 2])> {
        let (server, instant) = (self.server, Arc::new(Barrier::new(2)));
        let [one, other] =
            std::mem::replace(&mut self.hands, [Client::new(true), Client::new(true)]);
        let accept = |mut hand: Client, which: usize| {
            let ask = Wish::Accept(jobs[which]).ask().by(ENGINEERS[which]);
            let instant = Arc::clone(&instant);
            tokio::spawn(async move {
                instant.wait().await;
                let answer = hand.send(server, &ask).await;
                (hand, answer)
            })
        };
        let (one, other) = (accept(one, 0), accept(other, 1));
        let began = Instant::now();
        let ((one, first), (other, second)) = (one.await?, other.await?);
        self.hands = [one, other];
        Ok((began.elapsed(), [first?, second?]))
    }

    /// Who has the part; or what is wrong.
    async fn judge(
        &mut self,
        product: &str,
        jobs: [u64; 2],
        answers: &[Answer; 2],
    ) -> Result<Result<usize, String>> {
        let statuses = answers.each_ref().map(|it| it.status);
        let winner = match statuses {
            [200, 409] => 0,
            [409, 200] => 1,
            _ => return Ok(Err(format!("answered {} and {}", answers[0], answers[1]))),
        };
        let won = self.get(&format!("/services/{}", jobs[winner])).await?;
        let lost = self.get(&format!("/services/{}", jobs[1 - winner])).await?;
        let part = self.get(&format!("/stocks/product/{product}")).await?;
        let holds = won["status"] == "ACCEPTED" && won["engineerName"] == ENGINEERS[winner];
        let waits = lost["status"] == "OUTOFSTOCK" && lost["engineerName"] == Value::Null;
        let figures = json!([part["stock"], part["reserved"], part["available"]]);
        if holds && waits && figures == json!([1, 1, 0]) {
            return Ok(Ok(winner));
        }
        Ok(Err(format!("it shows {won}, {lost}, {part}")))
    }

    /// Given, and said to be done; its number.
    async fn given(&mut self, wish: &Wish) -> Result<u64> {
        let answer = self.hands[0].send(self.server, &wish.ask()).await?;
        ensure!(answer.status == 201, "{wish}: {answer}");
        answer.body["id"].as_u64().context("an id")
    }

    async fn comes(&mut self, path: &str) -> Result<()> {
        let patience = Patience::until(path);
        loop {
            let mut there = true;
            // Both connections are warm when it matters.
            for hand in &mut self.hands {
                there &= hand.send(self.server, &Ask::get(path)).await?.status == 200;
            }
            if there {
                return Ok(());
            }
            patience.again().await?;
        }
    }

    async fn get(&mut self, path: &str) -> Result<Value> {
        let answer = self.hands[0].send(self.server, &Ask::get(path)).await?;
        ensure!(answer.status == 200, "{path}: {answer}");
        Ok(answer.body)
    }
}

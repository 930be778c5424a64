//! SIGTERM and start again under load: no request may fail.
//!
//! One data directory belongs to one process, so the new one can only start when the old one has
//! ended; in between nobody listens. As any proxy in front would, a client whose connection is
//! refused tries again, and one that finds its kept connection ended before a byte has gone out
//! opens another. Everything else that does not come to a yes counts as failed.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    Report, checks,
    client::{Ask, Broken, Client},
    dose::Dose,
    history::{self, Came, Deed, Try},
    process::quiet_port,
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    wait::until,
    wish::Wish,
};

/// How many clients there are; every other one opens a new connection for each request.
const CLIENTS: u32 = 100;
/// How many requests each of its lives has to answer: where it is restarted often, and hardly.
const REQUESTS: (u64, u64) = (20_000, 4_000);
/// How long every other of either kind hesitates, as if it were far away.
const FAR: Duration = Duration::from_millis(30);
/// The wait before a refused connection is tried again.
const AGAIN: Duration = Duration::from_millis(10);

/// What all clients share.
#[derive(Debug, Clone)]
pub struct Rush {
    server: SocketAddr,
    began: Instant,
    is_over: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
}

/// What one kind of client has seen.
#[derive(Debug, Default)]
pub struct Seen {
    answered: u64,
    /// Why no connection was made, and how often.
    refused: BTreeMap<String, u64>,
    /// The longest time until an answer, tries to connect and all.
    longest: Duration,
    failed: Vec<String>,
    deeds: Vec<Deed>,
}

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let restarts = dose.n;
    let requests = if restarts > 1 { REQUESTS.0 } else { REQUESTS.1 };
    let mut launch = site.launch(&[]);
    launch.port = quiet_port()?;
    let mut server = launch.start().await?;
    let rush = Rush::to(server.address);
    let clients = rush.clients();
    let (mut drained, mut away, mut bad_ends) = (Vec::new(), Vec::new(), Vec::new());
    for life in 1..=restarts {
        rush.has_answered(life * requests).await?;
        let (took, status) = server.end().await?;
        let gone = Instant::now();
        server = launch.start().await?;
        drained.push(took);
        away.push(gone.elapsed());
        if !status.success() {
            bad_ends.push(format!("restart {life}: {status}"));
        }
    }
    rush.has_answered((restarts + 1) * requests).await?;
    let seen = rush.over(clients, site).await?;
    let remains = Remains::of(site, server).await?;
    let mut report =
        Report::of(format!("{restarts} times SIGTERM and start again under {CLIENTS} clients"));
    report.fact("how", "one process after the other, for the data belong to one; same port");
    report.fact("", "refused connections try again, ended ones are replaced; nothing else");
    report.fact("SIGTERM to exit", middle_and_most(&drained));
    report.fact("exit to ready again", middle_and_most(&away));
    report.criterion(Finding::each("each process ended well", drained.len(), bad_ends));
    seen.judged(&mut report, &remains);
    Ok(report)
}

/// What everyone has seen, in how long a time.
pub struct Everyone {
    /// On connections that are kept.
    kept: Seen,
    /// On a new connection each time.
    anew: Seen,
    took: Duration,
}

impl Rush {
    /// To this address.
    pub fn to(server: SocketAddr) -> Self {
        Self { server, began: Instant::now(), is_over: Arc::default(), answered: Arc::default() }
    }

    /// All clients begin.
    pub fn clients(&self) -> JoinSet<(bool, Seen)> {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            clients.spawn(self.clone().run(number));
        }
        clients
    }

    /// Lets them finish what they are at; the history goes into a file.
    pub async fn over(&self, clients: JoinSet<(bool, Seen)>, site: &Site) -> Result<Everyone> {
        self.is_over.store(true, Ordering::Relaxed);
        let (mut kept, mut anew) = (Seen::default(), Seen::default());
        for (keeps, seen) in clients.join_all().await {
            if keeps { kept.add(seen) } else { anew.add(seen) }
        }
        let deeds = [&kept, &anew].into_iter().flat_map(|it| &it.deeds);
        history::write(deeds, &site.file("history.jsonl"))?;
        Ok(Everyone { kept, anew, took: self.began.elapsed() })
    }

    /// How many requests were answered.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many were.
    pub async fn has_answered(&self, requests: u64) -> Result<()> {
        until("enough requests are answered", async || {
            Ok((self.answered() >= requests).then_some(()))
        })
        .await
    }

    /// One client: asks for a repair, looks at it, thinks better of it, and so on.
    async fn run(self, number: u32) -> (bool, Seen) {
        let keeps = number.is_multiple_of(2);
        let pause = if number % 4 < 2 { Duration::ZERO } else { FAR };
        let (mut client, mut seen) = (Client::new(keeps).far_away(pause), Seen::default());
        let mut round = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            round += 1;
            sleep(pause).await;
            let customer = format!("customer-{number}-{round}");
            let product = "TV-1".to_owned();
            let wish = Wish::Request { customer: customer.clone(), product };
            let Some(id) = self.tell(&mut client, &mut seen, &customer, wish).await else {
                continue;
            };
            self.ask(&mut client, &mut seen, &Ask::get(format!("/requests/{id}"))).await;
            self.tell(&mut client, &mut seen, &customer, Wish::Cancel(id)).await;
        }
        (keeps, seen)
    }

    /// Gives a command once; the number of what it is about.
    async fn tell(
        &self,
        client: &mut Client,
        seen: &mut Seen,
        by: &str,
        wish: Wish,
    ) -> Option<u64> {
        let mut ask = wish.ask().by(by);
        let key = format!("{wish} by {by}").replace(' ', "-");
        ask.key = Some(key.clone());
        let invoked = self.began.elapsed();
        let came = self.ask(client, seen, &ask).await;
        let tries = vec![Try { invoked, over: self.began.elapsed(), came }];
        let deed = Deed { key, by: by.to_owned(), wish, tries };
        let id = deed.id();
        seen.deeds.push(deed);
        id
    }

    /// Asks, as soon as there is a connection.
    async fn ask(&self, client: &mut Client, seen: &mut Seen, ask: &Ask) -> Came {
        let began = Instant::now();
        let came = loop {
            let answer = client.send(self.server, ask).await;
            if let Err(Broken::NotConnected(why)) = answer {
                *seen.refused.entry(why).or_default() += 1;
                sleep(AGAIN).await;
                continue;
            }
            break Came::of(answer);
        };
        let took = began.elapsed();
        seen.longest = seen.longest.max(took);
        if let Came::Ok { .. } = came {
            seen.answered += 1;
            self.answered.fetch_add(1, Ordering::Relaxed);
        } else {
            let at = self.began.elapsed().as_millis();
            seen.failed.push(format!("{} {} at {at} ms: {came:?}", ask.method, ask.path));
        }
        came
    }
}

impl Everyone {
    /// That nobody's request has failed, and that everything is as they were told.
    pub fn judged(self, report: &mut Report, remains: &Remains) {
        let Self { kept, anew, took } = self;
        let total = kept.answered + anew.answered;
        report.fact("answered", format!("{} in {:.1} s", count(total), took.as_secs_f64()));
        for (name, seen) in [("kept connections", &kept), ("new connections", &anew)] {
            let longest = seen.longest.as_millis();
            report.fact(name, format!("{} answered, longest {longest} ms", count(seen.answered)));
            for (why, times) in &seen.refused {
                report.fact("  tried again", format!("{} times: {why}", count(*times)));
            }
        }
        let all = |it: &Seen| usize::try_from(it.answered).unwrap_or(usize::MAX) + it.failed.len();
        let (kept_all, anew_all) = (all(&kept), all(&anew));
        report.criterion(Finding::each("answered on kept connections", kept_all, kept.failed));
        report.criterion(Finding::each("answered on new connections", anew_all, anew.failed));
        let deeds: Vec<_> = kept.deeds.into_iter().chain(anew.deeds).collect();
        report.criterion(checks::lost(&deeds, &remains.records));
        report.criterion(checks::repeated(&deeds, &remains.records));
        report.findings(checks::cases(&deeds, &remains.shown));
        report.findings(remains.findings());
    }
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.longest = self.longest.max(other.longest);
        for (why, times) in other.refused {
            *self.refused.entry(why).or_default() += times;
        }
        self.failed.extend(other.failed);
        self.deeds.extend(other.deeds);
    }
}

//! Many at work at the same time, and what is to be said of all they did.

use std::{net::SocketAddr, path::Path, sync::atomic::Ordering};

use anyhow::Result;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use crate::{
    Report,
    chance::Chance,
    checks,
    history::{self, Came, Deed},
    load::{Hand, PRODUCTS, Shift, Worker},
    remains::Remains,
    report::{Finding, count},
    wish::Wish,
};

/// Many at work.
pub struct Crowd {
    shift: Shift,
    server: watch::Sender<Option<(u32, SocketAddr)>>,
    workers: JoinSet<Result<Vec<Deed>>>,
    deeds: Vec<Deed>,
}

/// What they did.
#[derive(Debug)]
pub struct Worked {
    pub deeds: Vec<Deed>,
    /// Connections that broke although the server was there.
    pub cut: u64,
}

impl Crowd {
    /// So many begin to work, once there are parts.
    pub async fn begin(server: SocketAddr, workers: u64, chance: &mut Chance) -> Result<Self> {
        let (sender, receiver) = watch::channel(Some((0, server)));
        let (is_over, cut, told) = Default::default();
        let shift = Shift { began: Instant::now(), server: receiver, is_over, cut, told };
        let deeds = opening(&shift).await?;
        let mut crowd = Self { shift, server: sender, workers: JoinSet::new(), deeds };
        for number in 0..workers {
            let worker = Worker::new(number, chance.fork(number), &crowd.shift);
            crowd.workers.spawn(worker.work());
        }
        Ok(crowd)
    }

    /// Since when they have been at work.
    pub fn began(&self) -> Instant {
        self.shift.began
    }

    /// How many commands have an outcome.
    pub fn told(&self) -> u64 {
        self.shift.told.load(Ordering::Relaxed)
    }

    /// The server is away.
    pub fn is_away(&self) {
        self.server.send_replace(None);
    }

    /// It lives this life now, and there.
    pub fn is_back(&self, life: u32, server: SocketAddr) {
        self.server.send_replace(Some((life, server)));
    }

    /// Lets everyone finish what they are at; the history goes into a file.
    pub async fn end(self, history: &Path) -> Result<Worked> {
        let Self { shift, server, workers, mut deeds } = self;
        shift.is_over.store(true, Ordering::Relaxed);
        for worker in workers.join_all().await {
            deeds.extend(worker?);
        }
        drop(server);
        history::write(&deeds, history)?;
        Ok(Worked { deeds, cut: shift.cut.load(Ordering::Relaxed) })
    }
}

impl Worked {
    /// How much it was.
    pub fn facts(&self, report: &mut Report) {
        let Self { deeds, .. } = self;
        let acknowledged = deeds.iter().filter(|it| it.ok().is_some()).count();
        let unknown = deeds.iter().filter(|it| it.was_unknown()).count();
        let found = deeds.iter().filter(|it| it.was_found()).count();
        let tries: usize = deeds.iter().map(|it| it.tries.len()).sum();
        let refused = deeds.iter().filter(|it| matches!(it.came(), Some(Came::Refused { .. })));
        report.fact("commands", format!("{} in {} tries", count(deeds.len()), count(tries)));
        report.fact("acknowledged", count(acknowledged));
        report.fact("refused by the business", count(refused.count()));
        report.fact("unknown at one time", count(unknown));
        report.fact("  of these found done", count(found));
        report.fact("  of these done then", count(unknown - found));
    }

    /// Nothing that was acknowledged is lost, and nothing was done twice.
    pub fn criteria(&self, remains: &Remains) -> Vec<Finding> {
        let Self { deeds, .. } = self;
        vec![checks::lost(deeds, &remains.records), checks::repeated(deeds, &remains.records)]
    }

    /// What must be so of everything they were told.
    pub fn findings(&self, remains: &Remains) -> Vec<Finding> {
        self.findings_beside(remains, &[])
    }

    /// The same, where others have asked for something too: customers with such names.
    pub fn findings_beside(&self, remains: &Remains, others: &[&str]) -> Vec<Finding> {
        let Self { deeds, .. } = self;
        let Remains { shown, records, .. } = remains;
        let ghosts = checks::ghosts_but(deeds, records, others);
        let mut findings = vec![checks::open(deeds), ghosts, checks::unexpected(deeds)];
        findings.extend(checks::cases(deeds, shown));
        findings.push(checks::stock(deeds, shown));
        findings
    }

    /// The same, where some answers are faults on purpose.
    pub fn findings_but_faults(&self, remains: &Remains) -> Vec<Finding> {
        let told = |deed: &Deed| {
            let tries = deed.tries.iter().filter(|it| !matches!(it.came, Came::Fault(_))).cloned();
            Deed { tries: tries.collect(), ..deed.clone() }
        };
        let deeds = self.deeds.iter().map(told).collect();
        Self { deeds, cut: self.cut }.findings(remains)
    }

    /// No connection broke although the server was there.
    pub fn whole(&self) -> Finding {
        Finding::so("no connection broke without a kill", self.cut == 0, self.cut)
    }
}

/// Enough parts of every kind but one.
async fn opening(shift: &Shift) -> Result<Vec<Deed>> {
    let mut hand = Hand::new(shift);
    let mut deeds = Vec::new();
    for (product, price) in PRODUCTS.into_iter().zip(500..) {
        let parts = if product == PRODUCTS[3] { 20 } else { 50_000 };
        let wish = Wish::Receive { product: product.to_owned(), parts, price };
        deeds.push(hand.tell("keeper", format!("opening-{product}"), wish).await?);
    }
    Ok(deeds)
}

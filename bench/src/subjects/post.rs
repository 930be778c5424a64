//! `POST /repair/requests`, durable, beside an echo.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Result, ensure};

use super::Bench;
use crate::{
    load::{Load, Outcome, Template, once, until},
    report::{Line, Target},
    rounds::{alternate, median},
    server::Server,
};

/// How many connections at once.
pub const CONNECTIONS: [usize; 2] = [64, 256];
/// How long what follows from the last request may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ours, counting what it was asked so far.
pub struct Customers {
    /// The server.
    pub server: Server,
    /// How many requests there are.
    pub count: u64,
}

impl Customers {
    /// Of a server with so many requests in it.
    pub fn of(server: Server, count: u64) -> Self {
        Self { server, count }
    }

    /// Ask for repairs; also how many per second when the time is counted until
    /// all that followed was done too.
    pub fn ask(&mut self, connections: usize, lasts: Duration) -> Result<(Outcome, f64)> {
        let load = Load::requests(self.server.address, connections, lasts, fresh_keys());
        let began = Instant::now();
        let outcome = load.closed()?;
        ensure!(outcome.is_clean(), "{}", outcome.flaws());
        let asked = outcome.good.len() as u64;
        self.count += asked;
        self.settled()?;
        Ok((outcome, asked as f64 / began.elapsed().as_secs_f64()))
    }

    /// Waits until the customer of the last request sees that there is a job for
    /// it; all that was answered is there, and no more.
    pub fn settled(&self) -> Result<()> {
        let ask = Template::get("/repair/progressViews/{n}");
        let count = self.count;
        let seen = || {
            let (status, text) = once(self.server.address, &ask, count)?;
            Ok(status == 200 && text.contains("\"serviceDate\":\""))
        };
        until("the last request has its job", PATIENCE, seen)?;
        let (status, _) = once(self.server.address, &ask, count + 1)?;
        ensure!(status == 404, "there are more requests than were answered");
        Ok(())
    }
}

/// The first of many numbers that no key had before, in this run or another.
pub fn fresh_keys() -> u64 {
    const MANY: u64 = 4_000_000;
    static NEXT: AtomicU64 = AtomicU64::new(0);
    if NEXT.load(Ordering::Relaxed) == 0 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // Twelve digits, and a place of its own for every second of some days.
        NEXT.store(now.as_secs() % 250_000 * MANY, Ordering::Relaxed);
    }
    NEXT.fetch_add(MANY, Ordering::Relaxed)
}

/// Beside an echo.
pub fn beside_echo(bench: &Bench) -> Result<Vec<Line>> {
    let data = bench.place("post-echo")?;
    let mut ours = Customers::of(Server::madang(&bench.program, &data, &[])?, 0);
    let echo = Server::bare("echo", &[])?;
    let mut lines = Vec::new();
    for connections in CONNECTIONS {
        ours.ask(connections, bench.lasts())?; // to warm up
        bare(&echo, connections, bench.lasts())?;
        let (mut settled, mut p99) = (Vec::new(), Vec::new());
        let before = (ours.server.worked()?, ours.count);
        let rounds = alternate(
            bench.rounds(),
            || {
                let (mut outcome, with_all) = ours.ask(connections, bench.lasts())?;
                settled.push(with_all / outcome.rate());
                p99.push(crate::load::percentile(&mut outcome.good, 0.99));
                Ok(outcome.rate())
            },
            || bare(&echo, connections, bench.lasts()),
        )?;
        let cost = ours.server.cost(before.0, ours.count - before.1)?;
        let what = format!("{connections} connections, beside an axum echo");
        let (share, p99) = (median(settled), median(p99));
        lines.push(
            Line::ratio("post-echo", &what, rounds, "/s", Target::AtLeast(0.2))
                .with(format!("p99 {p99:.1} ms; {cost:.0} µs of processor time for each request with all that follows"))
                .with(format!("{share:.2} of that rate when the time is counted until all deliveries were done")),
        );
    }
    Ok(lines)
}

/// What a bare server answers per second.
pub fn bare(server: &Server, connections: usize, lasts: Duration) -> Result<f64> {
    let outcome = Load::requests(server.address, connections, lasts, 1).closed()?;
    ensure!(outcome.is_clean(), "the bare one: {}", outcome.flaws());
    Ok(outcome.rate())
}

//! From an event to the view of another context, at half of what is possible.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use tokio::time::sleep_until;

use super::{
    Bench,
    post::{Customers, fresh_keys},
};
use crate::{
    load::{Outcome, Template, Wire, each, percentile},
    report::{Line, Target},
    rounds::median,
    server::Server,
};

const CONNECTIONS: usize = 64;
/// One in so many customers looks at once how far their repair has come.
const LOOKS: u64 = 10;

/// From the answer to a command until the view of another context shows it.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let data = bench.place("latency")?;
    let mut ours = Customers::of(Server::madang(&bench.program, &data, &[])?, 0);
    ours.ask(CONNECTIONS, bench.lasts())?; // to warm up
    let (mut p50, mut p99, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let capacity = ours.ask(CONNECTIONS, bench.lasts())?.0.rate();
        let (asked, mut looked) = look(&ours.server, capacity / 2.0, bench.lasts())?;
        ensure!(looked.is_clean(), "{}", looked.flaws());
        ours.count += asked;
        ours.settled()?;
        rates.push(asked as f64 / looked.took.as_secs_f64());
        p50.push(percentile(&mut looked.good, 0.5));
        p99.push(percentile(&mut looked.good, 0.99));
    }
    let what = "p99 from the answer to a command until another context's view shows it";
    let line = Line::plain("event-to-view", what, median(p99), "ms", Some(Target::AtMost(10.0)));
    Ok(vec![line.with(format!(
        "at half of capacity, {:.0} requests per second by the clock; one in {LOOKS} customers \
         reads `/progressViews/…` with the freshness token of the answer, which waits until it \
         is there, and the time to ask counts too; p50 {:.1} ms",
        median(rates),
        median(p50)
    ))])
}

/// How many asked, and how long those who looked had to wait.
fn look(server: &Server, rate: f64, lasts: Duration) -> Result<(u64, Outcome)> {
    let asked = Arc::new(AtomicU64::new(0));
    let total = Arc::clone(&asked);
    let outcome = each(server.address, CONNECTIONS, move || {
        let (begin, keys) = (Instant::now(), fresh_keys());
        let next = Rc::new(Cell::new(0));
        move |_, wire| {
            let (next, asked) = (Rc::clone(&next), Arc::clone(&total));
            let client = Client { wire, next, asked, keys, outcome: Outcome::default() };
            client.work(begin, rate, lasts)
        }
    })?;
    Ok((asked.load(Ordering::Relaxed), outcome))
}

struct Client {
    wire: Wire,
    /// The next request of all clients.
    next: Rc<Cell<u64>>,
    asked: Arc<AtomicU64>,
    keys: u64,
    outcome: Outcome,
}

impl Client {
    async fn work(mut self, begin: Instant, rate: f64, lasts: Duration) -> Outcome {
        let mut request = Template::request();
        loop {
            let number = self.next.replace(self.next.get() + 1);
            let due = Duration::from_secs_f64(number as f64 / rate);
            if due >= lasts {
                break;
            }
            sleep_until((begin + due).into()).await;
            if self.one(&mut request, number).await.is_err() {
                self.outcome.broken += 1;
                break;
            }
        }
        self.outcome.took = begin.elapsed();
        self.outcome
    }

    async fn one(&mut self, request: &mut Template, number: u64) -> std::io::Result<()> {
        let answer = self.wire.ask(request.with(self.keys + number)).await?;
        if answer.status != 201 {
            *self.outcome.wrong.entry(answer.status).or_default() += 1;
            return Ok(());
        }
        let began = Instant::now();
        self.asked.fetch_add(1, Ordering::Relaxed);
        if !number.is_multiple_of(LOOKS) {
            return Ok(());
        }
        let text = |name| self.wire.header(name).unwrap_or_default();
        let (token, place) = (text("freshness-token:"), text("location:"));
        let path = place.replace("requests", "progressViews");
        let mut look = Template::get_with(&path, &format!("Freshness-Token: {token}\r\n"));
        let answer = self.wire.ask(look.with(0)).await?;
        if answer.status == 200 {
            self.outcome.good.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            *self.outcome.wrong.entry(answer.status).or_default() += 1;
        }
        Ok(())
    }
}

//! The load generator: many connections on one thread of their own.
//!
//! A closed load sends the next request when the last is answered: it shows how
//! much is possible. An open load sends by the clock, whatever has become of the
//! requests before: it shows how long people wait.

mod outcome;
mod template;
mod wire;

use std::{
    cell::Cell,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::{
    runtime::Builder,
    task::{JoinSet, LocalSet},
    time::sleep_until,
};

pub use outcome::{Outcome, percentile};
pub use template::{REQUEST, Template};
pub use wire::{Answer, Wire};

/// How many connections come from one address of this machine: a server may
/// have a limit for each.
const PER_ADDRESS: usize = 500;

/// A load.
#[derive(Clone)]
pub struct Load {
    /// The server.
    pub to: SocketAddr,
    /// How many connections at once.
    pub connections: usize,
    /// For how long.
    pub lasts: Duration,
    /// The requests, in turn.
    pub requests: Vec<Template>,
    /// The status of a good answer.
    pub good: u16,
    /// The first number in a request; counted from there.
    pub first: u64,
    /// The number in the request, from how many there were before.
    pub number: Arc<dyn Fn(u64) -> u64 + Send + Sync>,
}

/// When a request is to be sent.
enum Due {
    /// As soon as there is a connection for it.
    Now,
    /// By the clock; it waits from then on, also when no connection is free.
    At(Instant),
}

impl Load {
    /// Customers ask for repairs; `first` must be beyond all that were asked for before.
    pub fn requests(to: SocketAddr, connections: usize, lasts: Duration, first: u64) -> Self {
        let requests = vec![Template::request()];
        Self { to, connections, lasts, requests, good: 201, first, number: Arc::new(|it| it) }
    }

    /// As much as is possible.
    pub fn closed(&self) -> Result<Outcome> {
        self.run(|| |_| Some(Due::Now))
    }

    /// As fast as possible, but only so many.
    pub fn times(&self, most: u64) -> Result<Outcome> {
        self.run(|| move |count| (count < most).then_some(Due::Now))
    }

    /// So many requests per second.
    pub fn open(&self, rate: f64) -> Result<Outcome> {
        let lasts = self.lasts;
        self.run(|| {
            let begin = Instant::now();
            move |count| {
                let after = Duration::from_secs_f64(count as f64 / rate);
                (after < lasts).then(|| Due::At(begin + after))
            }
        })
    }

    /// The clock says when a request is due; nothing when there are no more.
    fn run<W>(&self, clock: impl FnOnce() -> W + Send) -> Result<Outcome>
    where
        W: Fn(u64) -> Option<Due> + 'static,
    {
        let (to, connections, load) = (self.to, self.connections, self.clone());
        each(to, connections, move || {
            let (when, count) = (Rc::new(clock()), Rc::new(Cell::new(0)));
            let end = Instant::now() + load.lasts;
            move |_, wire| {
                let (load, when, count) = (load.clone(), Rc::clone(&when), Rc::clone(&count));
                async move { load.talk(wire, &*when, &count, end).await }
            }
        })
    }

    async fn talk(
        self,
        mut wire: Wire,
        when: &impl Fn(u64) -> Option<Due>,
        count: &Cell<u64>,
        end: Instant,
    ) -> Outcome {
        let (mut requests, mut outcome) = (self.requests, Outcome::default());
        let began = Instant::now();
        loop {
            let mut due = Instant::now();
            if due >= end {
                break;
            }
            let number = count.replace(count.get() + 1);
            match when(number) {
                None => break,
                Some(Due::Now) => {}
                Some(Due::At(at)) if at <= due => due = at,
                Some(Due::At(at)) => {
                    sleep_until(at.into()).await;
                    // A timer that rings late is the generator's fault, not the server's.
                    due = Instant::now();
                }
            }
            let which = usize::try_from(number).unwrap_or(0) % requests.len();
            let request = requests[which].with((self.number)(self.first + number));
            let Ok(answer) = wire.ask(request).await else {
                outcome.broken += 1;
                break;
            };
            note(&mut outcome, &wire, answer, (self.good, due));
        }
        outcome.took = began.elapsed();
        outcome
    }
}

fn note(outcome: &mut Outcome, wire: &Wire, answer: Answer, (good, due): (u16, Instant)) {
    let micros = u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX);
    match answer.status {
        status if status == good => outcome.good.push(micros),
        429 | 503 => {
            outcome.rejected.push(micros);
            outcome.without_again += u64::from(wire.header("retry-after:").is_none());
        }
        status => *outcome.wrong.entry(status).or_default() += 1,
    }
}

/// Clients that each have a connection and something to do with it; `begin` is
/// called when all are connected.
pub fn each<B, C, F>(to: SocketAddr, connections: usize, begin: B) -> Result<Outcome>
where
    B: FnOnce() -> C + Send,
    C: Fn(usize, Wire) -> F,
    F: Future<Output = Outcome> + 'static,
{
    on_a_thread(async move || {
        let wires = connect(to, connections).await?;
        let client = begin();
        let mut clients = JoinSet::new();
        for (index, wire) in wires.into_iter().enumerate() {
            clients.spawn_local(client(index, wire));
        }
        let mut all = Outcome::default();
        while let Some(one) = clients.join_next().await {
            all.add(one?);
        }
        Ok(all)
    })
}

/// Runs the clients on a thread of their own, and waits for them.
pub fn on_a_thread<T: Send>(run: impl AsyncFnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let work = move || -> Result<T> {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, run())
        };
        let done = std::thread::Builder::new().name("clients".into()).spawn_scoped(scope, work)?;
        done.join().map_err(|_| anyhow::anyhow!("the clients panicked"))?
    })
}

/// Opens connections before any clock starts.
pub async fn connect(to: SocketAddr, count: usize) -> Result<Vec<Wire>> {
    let mut wires = Vec::with_capacity(count);
    for index in 0..count {
        let last = u8::try_from(1 + index / PER_ADDRESS)?;
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
        wires.push(Wire::open(to, from).await.context("no connection")?);
    }
    Ok(wires)
}

/// One request on a connection of its own: status and text.
pub fn once(to: SocketAddr, request: &Template, number: u64) -> Result<(u16, String)> {
    let mut request = request.clone();
    on_a_thread(async move || {
        let mut wire = connect(to, 1).await?.remove(0);
        let answer = wire.ask(request.with(number)).await?;
        Ok((answer.status, wire.text(answer).to_owned()))
    })
}

/// Asks again and again until it is so, for at the most so long.
pub fn until(
    what: &str,
    patience: Duration,
    mut so: impl FnMut() -> Result<bool>,
) -> Result<Duration> {
    let began = Instant::now();
    while !so()? {
        anyhow::ensure!(began.elapsed() < patience, "{what}: not within {patience:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(began.elapsed())
}

//! Three times as many requests as can be done: what is done, and what the
//! others are told.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{
    Bench,
    post::{Customers, fresh_keys},
};
use crate::{
    load::{Load, Template, once, percentile},
    report::{Line, Target},
    rounds::median,
    server::Server,
};

/// How many customers wait at the same time at the most.
const CONNECTIONS: usize = 2_000;
/// How many times capacity.
const TIMES: f64 = 3.0;

/// Goodput, how long the admitted wait, what the others hear.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let data = bench.place("overload")?;
    let mut ours = Customers::of(Server::madang(&bench.program, &data, &[])?, 0);
    ours.ask(64, bench.lasts())?; // to warm up
    let mut capacities = Vec::new();
    for _ in 0..3 {
        capacities.push(ours.ask(64, bench.lasts())?.0.rate());
    }
    let capacity = median(capacities);
    let lasts = Duration::from_secs(bench.size(60, 3));
    let address = ours.server.address;
    let load = Load::requests(address, CONNECTIONS, lasts, fresh_keys());
    let over = AtomicBool::new(false);
    let (outcome, health) = thread::scope(|scope| {
        let health = scope.spawn(|| health(address, &over));
        let outcome = load.open(capacity * TIMES);
        over.store(true, Ordering::Relaxed);
        (outcome, health.join())
    });
    let (mut outcome, mut health) =
        (outcome?, health.map_err(|_| anyhow::anyhow!("nobody asked for its health"))??);
    ours.count += outcome.good.len() as u64;
    let began = Instant::now();
    let settled = ours.settled();
    let recovered = began.elapsed();

    let goodput = outcome.rate() / capacity;
    let admitted = percentile(&mut outcome.good, 0.99);
    let (rejected, broken) = (outcome.rejected.len(), outcome.broken);
    let told = format!(
        "{:.0} of {:.0} per second by the clock over {CONNECTIONS} connections for {lasts:?}, capacity \
         {capacity:.0}; {rejected} rejected with p99 {:.0} ms, {} of them without Retry-After; {broken} \
         connections broke off; other statuses {:?}; all delivered {recovered:.1?} later{}",
        outcome.rate(),
        capacity * TIMES,
        percentile(&mut outcome.rejected, 0.99),
        outcome.without_again,
        outcome.wrong,
        settled.err().map(|it| format!(" (NOT: {it})")).unwrap_or_default(),
    );
    let sound = outcome.without_again == 0 && outcome.wrong.is_empty() && broken == 0;
    let p99 = |what, value| Line::plain("overload", what, value, "ms", Some(Target::AtMost(500.0)));
    Ok(vec![
        Line::plain(
            "overload",
            "goodput at 3 times capacity",
            goodput,
            "",
            Some(Target::AtLeast(0.9)),
        )
        .with(told),
        p99("p99 of the admitted, from the scheduled start", admitted),
        Line::plain(
            "overload",
            "health answers, p99",
            percentile(&mut health, 0.99),
            "ms",
            Some(Target::AtMost(100.0)),
        )
        .with(if sound {
            "every rejection was 429 or 503 with Retry-After"
        } else {
            "NOT every answer was as it should be"
        }),
    ])
}

/// Asks whether it lives until it is over; how long each answer took.
fn health(address: std::net::SocketAddr, over: &AtomicBool) -> Result<Vec<u32>> {
    let (mut micros, ask) = (Vec::new(), Template::get("/livez"));
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let (status, text) = once(address, &ask, 0)?;
        ensure!(status == 200, "its health: {status} {text}");
        micros.push(u32::try_from(began.elapsed().as_micros())?);
        thread::sleep(Duration::from_millis(20));
    }
    Ok(micros)
}

//! A payment provider that takes 400 to 620 ms, and a hundred clients: work is
//! accepted and goes on by itself, beside a handler that waits for the payment.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{Bench, walk};
use crate::{
    load::{Load, Outcome, Template, once, percentile, until},
    report::{Line, Target},
    server::Server,
};

const CLIENTS: usize = 100;
/// How many complete a repair per second.
const RATE: u32 = 100;
/// How long everything may take to be paid after the last.
const AFTER: Duration = Duration::from_secs(10);

/// Ours, and the one that waits.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let lasts = Duration::from_secs(bench.size(60, 4));
    let waiting = Server::bare("wait", &[])?;
    let bare = Load {
        requests: vec![Template::plain("POST", "/pay")],
        good: 200,
        ..Load::requests(waiting.address, CLIENTS, lasts, 1)
    };
    let mut bare = bare.open(RATE.into())?;

    let server = Server::madang(&bench.program, &bench.place("slow-payment")?, &["--lab"])?;
    walk::stock(&server)?;
    let cases = u64::from(RATE) * lasts.as_secs();
    walk::accepted(&server, 50, cases)?;
    let (mut ours, within) = slowly(&server, lasts, cases)?;

    let share = |it: &Outcome| {
        let no = it.rejected.len() as u64 + it.broken + it.wrong.values().sum::<u64>();
        it.good.len() as f64 / (it.good.len() as u64 + no) as f64
    };
    let told = format!(
        "{CLIENTS} clients, {RATE} repairs completed per second for {lasts:?}, the provider slow by 400 to \
         620 ms; beside it a bare handler that waits for the payment for 610 ms: {:.1} % accepted, p99 {:.0} ms, \
         {:.0} accepted per second",
        share(&bare) * 100.0,
        percentile(&mut bare.good, 0.99),
        bare.rate(),
    );
    Ok(vec![
        Line::plain(
            "slow-payment",
            "completions accepted",
            share(&ours),
            "",
            Some(Target::AtLeast(1.0)),
        )
        .with(told),
        Line::plain(
            "slow-payment",
            "p99 to accept a completion",
            percentile(&mut ours.good, 0.99),
            "ms",
            Some(Target::AtMost(50.0)),
        ),
        Line::plain(
            "slow-payment",
            "all paid after the load",
            within.as_secs_f64(),
            "s",
            Some(Target::AtMost(AFTER.as_secs_f64())),
        ),
    ])
}

fn slowly(server: &Server, lasts: Duration, cases: u64) -> Result<(Outcome, Duration)> {
    let complete = Template::answered_at_once("PUT", "/repair/services/{n}/product-repair");
    let load = Load {
        requests: vec![complete],
        good: 202,
        first: 1,
        ..Load::requests(server.address, CLIENTS, lasts, 1)
    };
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let moods = scope.spawn(|| moods(server, &over));
        let outcome = load.open(RATE.into());
        let paid = paid(server, cases);
        over.store(true, Ordering::Relaxed);
        moods.join().map_err(|_| anyhow::anyhow!("nobody slowed the provider"))??;
        Ok((outcome?, paid?))
    })
}

/// The lab knows one delay at a time, so it is changed all the time.
fn moods(server: &Server, over: &AtomicBool) -> Result<()> {
    let mut by = 400;
    while !over.load(Ordering::Relaxed) {
        by = 400 + (by * 7 + 31) % 221;
        let mood = Template::body(
            "PUT",
            "/ops/lab/payment-provider",
            &format!(r#"{{"state":"slow {by}ms"}}"#),
        );
        let (status, text) = once(server.address, &mood, 0)?;
        ensure!(status == 200, "{status} {text}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// How long until the last is paid.
fn paid(server: &Server, cases: u64) -> Result<Duration> {
    let began = Instant::now();
    let ask = Template::get("/repair/services?status=PAID&size=1");
    until("everything is paid", AFTER * 6, || {
        let (_, text) = once(server.address, &ask, 0)?;
        let page: serde_json::Value = serde_json::from_str(&text)?;
        Ok(page["page"]["totalElements"] == cases)
    })?;
    Ok(began.elapsed())
}

//! Throughput and latency over connections, for the picture.

use anyhow::{Result, ensure};

use super::{
    Bench,
    post::{Customers, bare, fresh_keys},
};
use crate::{
    load::{Load, percentile},
    rounds::median,
    server::Server,
    svg::{Chart, Curve},
};

const CONNECTIONS: [usize; 5] = [1, 4, 16, 64, 256];
const ROUNDS: usize = 5;

/// What is seen at one number of connections.
#[derive(Default)]
struct Seen {
    ours: Vec<f64>,
    echo: Vec<f64>,
    middle: Vec<f64>,
    slow: Vec<f64>,
}

/// Of `POST /repair/requests`, durable, and of an echo.
pub fn measure(bench: &Bench) -> Result<Vec<Chart>> {
    let data = bench.place("curve")?;
    let mut ours = Customers::of(Server::madang(&bench.program, &data, &[])?, 0);
    let echo = Server::bare("echo", &[])?;
    ours.ask(64, bench.lasts())?; // to warm up
    let mut all: Vec<_> = CONNECTIONS.iter().map(|it| (*it, Seen::default())).collect();
    for _ in 0..ROUNDS {
        for (connections, seen) in &mut all {
            let (mut outcome, _) = ours.ask(*connections, bench.lasts())?;
            seen.ours.push(outcome.rate());
            seen.middle.push(percentile(&mut outcome.good, 0.5));
            seen.slow.push(percentile(&mut outcome.good, 0.99));
            seen.echo.push(bare(&echo, *connections, bench.lasts())?);
        }
    }
    let curve = |name: &str, colour, dashed, of: fn(&Seen) -> &Vec<f64>| Curve {
        name: name.to_owned(),
        points: all.iter().map(|(x, it)| (*x as f64, median(of(it).iter().copied()))).collect(),
        colour,
        dashed,
    };
    let throughput = Chart {
        title: "Requests for a repair, durable".into(),
        unit: "per second".into(),
        curves: vec![
            curve("madang", 0, false, |it| &it.ours),
            curve("axum echo", 1, true, |it| &it.echo),
        ],
    };
    let reading = reading(bench, &ours)?;
    let latency = Chart {
        title: "How long one takes".into(),
        unit: "ms".into(),
        curves: vec![
            curve("asking for one, p50", 0, false, |it| &it.middle),
            curve("asking for one, p99", 3, false, |it| &it.slow),
            reading.0,
            reading.1,
        ],
    };
    Ok(vec![throughput, latency])
}

/// The same of reading one of those requests: the middle, and one in a hundred.
fn reading(bench: &Bench, ours: &Customers) -> Result<(Curve, Curve)> {
    let (mut middle, mut slow) = (Vec::new(), Vec::new());
    let count = ours.count;
    for connections in CONNECTIONS {
        let load = Load {
            requests: vec![crate::load::Template::get("/repair/requests/{n}")],
            good: 200,
            number: std::sync::Arc::new(move |it| it % count + 1),
            ..Load::requests(ours.server.address, connections, bench.lasts(), fresh_keys())
        };
        let mut outcome = load.closed()?;
        ensure!(outcome.is_clean(), "{}", outcome.flaws());
        middle.push((connections as f64, percentile(&mut outcome.good, 0.5)));
        slow.push((connections as f64, percentile(&mut outcome.good, 0.99)));
    }
    let curve =
        |name: &str, points, colour| Curve { name: name.into(), points, colour, dashed: true };
    Ok((curve("reading one, p50", middle, 2), curve("reading one, p99", slow, 1)))
}

//! What a command costs when much has happened before.

use std::time::Duration;

use anyhow::Result;

use super::{Bench, post::Customers};
use crate::{
    fill::EVENTS_PER_CASE,
    report::{Line, Target},
    rounds::{Round, median},
    server::Server,
};

const CONNECTIONS: usize = 64;

/// Servers with histories of several lengths, in the same rounds.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut all = Vec::new();
    for cases in bench.sizes() {
        let data = bench.place_with(&format!("flat-{cases}"), cases)?;
        let server = Server::madang(&bench.program, &data, &[])?;
        all.push((cases, Customers::of(server, cases), Vec::new(), Vec::new()));
    }
    for (_, ours, ..) in &mut all {
        ours.ask(CONNECTIONS, bench.lasts())?; // to warm up
    }
    for round in 0..bench.rounds() {
        let count = all.len();
        for turn in 0..count {
            // Whoever was first in one round is second in the next.
            let (_, ours, rates, costs) = &mut all[(turn + round) % count];
            let (rate, cost) = one(ours, bench.lasts())?;
            rates.push(rate);
            costs.push(cost);
        }
    }
    let shortest = all[0].2.clone();
    let lines = all.iter().map(|(cases, _, rates, costs)| {
        let rounds = rates.iter().zip(&shortest);
        let rounds = rounds.map(|(rate, short)| Round { subject: *rate, ceiling: *short });
        let events = cases * EVENTS_PER_CASE;
        let what = format!("requests after {events} events, beside the shortest history");
        let cost = median(costs.iter().copied());
        Line::ratio("flat", &what, rounds.collect(), "/s", Target::AtLeast(0.85)).with(format!(
            "{cost:.0} µs of processor time for each, with all that follows, beside {:.0}",
            median(all[0].3.iter().copied())
        ))
    });
    Ok(lines.collect())
}

/// Requests per second until all is delivered, and processor time for each in microseconds.
fn one(ours: &mut Customers, lasts: Duration) -> Result<(f64, f64)> {
    let before = (ours.server.worked()?, ours.count);
    let (_, rate) = ours.ask(CONNECTIONS, lasts)?;
    Ok((rate, ours.server.cost(before.0, ours.count - before.1)?))
}

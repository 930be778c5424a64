//! Whole cases per second, through all contexts, beside single commands.

use anyhow::{Result, ensure};

use super::{Bench, post::Customers, walk};
use crate::{
    load::percentile,
    report::{Line, Target},
    rounds::{alternate, median},
    server::Server,
};

const CONNECTIONS: usize = 64;

/// Beside single durable commands: each on a server of its own.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let walked = Server::madang(&bench.program, &bench.place("cases")?, &[])?;
    walk::stock(&walked)?;
    let single = Server::madang(&bench.program, &bench.place("commands")?, &[])?;
    let mut single = Customers::of(single, 0);
    let lasts = bench.lasts();
    walk::walk(&walked, CONNECTIONS, lasts)?; // to warm up
    single.ask(CONNECTIONS, lasts)?;
    let (mut p99, mut count) = (Vec::new(), 0);
    let before = walked.worked()?;
    let rounds = alternate(
        bench.rounds(),
        || {
            let mut outcome = walk::walk(&walked, CONNECTIONS, lasts)?;
            ensure!(outcome.is_clean(), "{}", outcome.flaws());
            count += outcome.good.len() as u64;
            let rate = outcome.rate();
            p99.push(percentile(&mut outcome.good, 0.99));
            Ok(rate)
        },
        || Ok(single.ask(CONNECTIONS, lasts)?.0.rate()),
    )?;
    let cost = walked.cost(before, count)?;
    let what = format!("whole cases, {CONNECTIONS} connections, beside single commands");
    let line = Line::ratio("cases", &what, rounds, "/s", Target::AtLeast(0.1));
    Ok(vec![line.with(format!(
        "request, acceptance, repair, bill; until the ledger has nothing left to deliver; \
         from `repaired` to `paid` p99 {:.0} ms; {cost:.0} µs of processor time for each case",
        median(p99)
    ))])
}

//! One command in one context while another context has all it can do.

use std::thread;

use anyhow::{Result, ensure};

use super::{Bench, post::fresh_keys};
use crate::{
    load::{Load, Template, percentile},
    report::{Line, Target},
    rounds::alternate,
    server::Server,
};

const NEIGHBOURS: usize = 64;

/// In one database, and with a database of its own for the neighbour.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let together = bench.place("neighbour")?;
    let server = Server::madang(&bench.program, &together, &[])?;
    let mut lines = vec![beside(bench, &server, "one database for all contexts")?];

    let apart = bench.place("apart")?;
    let config = apart.join("madang.toml");
    std::fs::write(&config, "[contexts.stock]\ndatabase = \"stock.sqlite\"\n")?;
    let config = config.to_string_lossy();
    let server = Server::madang(&bench.program, &apart, &["--config", &config])?;
    lines.push(beside(bench, &server, "the neighbour with a database of its own")?);
    Ok(lines)
}

fn beside(bench: &Bench, server: &Server, how: &str) -> Result<Line> {
    let alone = || {
        let mut outcome =
            Load::requests(server.address, 1, bench.lasts(), fresh_keys()).closed()?;
        ensure!(outcome.is_clean(), "{}", outcome.flaws());
        Ok(percentile(&mut outcome.good, 0.99))
    };
    let body = r#"{"relatedProductId":"{n}","stock":1,"unitPrice":5000}"#;
    let crowd = || Load {
        requests: vec![Template::command("POST", "/repair/stocks", body)],
        ..Load::requests(server.address, NEIGHBOURS, bench.lasts(), fresh_keys())
    };
    alone()?; // to warm up
    let mut rates = Vec::new();
    let rounds = alternate(
        bench.rounds(),
        || {
            let crowd = crowd();
            thread::scope(|scope| {
                let crowd = scope.spawn(move || crowd.closed());
                let p99 = alone();
                let crowd = crowd.join().map_err(|_| anyhow::anyhow!("the crowd panicked"))??;
                ensure!(crowd.is_clean(), "{}", crowd.flaws());
                rates.push(crowd.rate());
                p99
            })
        },
        alone,
    )?;
    let what = format!("p99 of a request while `stock` is saturated, beside alone; {how}");
    let line = Line::ratio("neighbour", &what, rounds, "ms", Target::AtMost(3.0));
    let rate = crate::rounds::median(rates);
    Ok(line.with(format!(
        "{NEIGHBOURS} connections gave `stock` {rate:.0} commands per second meanwhile, on the same two cores"
    )))
}

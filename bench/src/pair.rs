//! Two builds of the program beside each other: whether a change pays.

use std::{path::Path, time::Duration};

use anyhow::{Result, ensure};

use crate::{
    load::{Load, Template},
    report::{HEAD, Line, Target},
    rounds::{alternate, median},
    server::Server,
    subjects::Customers,
};

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 9;

/// Builds that are compared.
struct Builds {
    old: Customers,
    new: Customers,
    lasts: Duration,
}

/// Rates and processor time of the new build, beside the old one.
pub fn compare(folder: &Path, old: &Path, new: &Path, quick: bool) -> Result<()> {
    let start = |program: &Path, name: &str| -> Result<Customers> {
        let mut ours = Customers::of(Server::madang(program, &folder.join(name), &[])?, 0);
        ours.ask(CONNECTIONS, Duration::from_secs(1))?; // so that there is something to read
        Ok(ours)
    };
    let lasts = Duration::from_millis(if quick { 400 } else { 2_000 });
    let mut builds = Builds { old: start(old, "old")?, new: start(new, "new")?, lasts };
    println!("{HEAD}");
    let mut costs = (Vec::new(), Vec::new());
    let Builds { old, new, .. } = &mut builds;
    let rounds =
        alternate(ROUNDS, || write(new, lasts, &mut costs.0), || write(old, lasts, &mut costs.1))?;
    told("POST a request", rounds, costs);
    for (what, path) in [("GET a row", "/repair/requests/{n}"), ("GET a page", "/repair/requests")]
    {
        let ask = Template::get(path);
        let mut costs = (Vec::new(), Vec::new());
        let rounds = alternate(
            ROUNDS,
            || read(&builds.new, &ask, builds.lasts, &mut costs.0),
            || read(&builds.old, &ask, builds.lasts, &mut costs.1),
        )?;
        told(what, rounds, costs);
    }
    for (name, build) in [("old", &builds.old), ("new", &builds.new)] {
        println!("{name}: {} MiB in use", build.server.memory()? >> 20);
    }
    Ok(())
}

fn told(what: &str, rounds: Vec<crate::rounds::Round>, costs: (Vec<f64>, Vec<f64>)) {
    let (new, old) = (median(costs.0), median(costs.1));
    let line =
        Line::ratio(what, "the new build beside the old one", rounds, "/s", Target::AtLeast(1.0));
    println!("{}", line.row());
    let change = (new / old - 1.0) * 100.0;
    println!("{what}: {new:.1} µs of processor time for each, before {old:.1} ({change:+.1} %)");
}

fn write(ours: &mut Customers, lasts: Duration, costs: &mut Vec<f64>) -> Result<f64> {
    let before = (ours.server.worked()?, ours.count);
    let (outcome, _) = ours.ask(CONNECTIONS, lasts)?;
    costs.push(ours.server.cost(before.0, ours.count - before.1)?);
    Ok(outcome.rate())
}

fn read(ours: &Customers, ask: &Template, lasts: Duration, costs: &mut Vec<f64>) -> Result<f64> {
    let count = ours.count;
    let load = Load {
        requests: vec![ask.clone()],
        good: 200,
        number: std::sync::Arc::new(move |it| it * 7_919 % count + 1),
        ..Load::requests(ours.server.address, CONNECTIONS, lasts, 0)
    };
    let before = ours.server.worked()?;
    let outcome = load.closed()?;
    ensure!(outcome.is_clean(), "{}", outcome.flaws());
    costs.push(ours.server.cost(before, outcome.good.len() as u64)?);
    Ok(outcome.rate())
}

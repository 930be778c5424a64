//! Two builds of the program beside each other: whether a change pays.
//!
//! Both are loaded at the same moment, so that whatever else the machine does, it
//! does to both; what counts is the processor time that each spends on a request.

use std::{path::Path, thread, time::Duration};

use anyhow::{Result, anyhow, ensure};

use crate::{
    load::{Load, Template},
    rounds::median,
    server::Server,
    subjects::Customers,
};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 25;
const LASTS: Duration = Duration::from_millis(500);

/// What one build did in one round.
struct Did {
    rate: f64,
    /// Microseconds of processor time for each request.
    cost: f64,
}

/// Processor time and rates of the new build, beside the old one.
pub fn compare(folder: &Path, old: &Path, new: &Path) -> Result<()> {
    let start = |program: &Path, name: &str| -> Result<Customers> {
        let mut ours = Customers::of(Server::madang(program, &folder.join(name), &[])?, 0);
        ours.ask(CONNECTIONS, Duration::from_secs(1))?; // so that there is something to read
        Ok(ours)
    };
    let (mut old, mut new) = (start(old, "old")?, start(new, "new")?);
    println!("| what | old µs | new µs | change | old /s | new /s |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    side_by_side("POST a request", || both(|| write(&mut old), || write(&mut new)))?;
    for (what, path) in [("GET a row", "/repair/requests/{n}"), ("GET a page", "/repair/requests")]
    {
        let ask = Template::get(path);
        side_by_side(what, || both(|| read(&old, &ask), || read(&new, &ask)))?;
    }
    for (name, build) in [("old", &old), ("new", &new)] {
        println!("{name}: {} MiB in use", build.server.memory()? >> 20);
    }
    Ok(())
}

fn side_by_side(what: &str, mut round: impl FnMut() -> Result<(Did, Did)>) -> Result<()> {
    let rounds = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>>>()?;
    let of = |get: fn(&(Did, Did)) -> f64| median(rounds.iter().map(get));
    let change = of(|(old, new)| (new.cost / old.cost - 1.0) * 100.0);
    let (old, new) = (of(|it| it.0.cost), of(|it| it.1.cost));
    let (slow, fast) = (of(|it| it.0.rate), of(|it| it.1.rate));
    println!("| {what} | {old:.1} | {new:.1} | {change:+.1} % | {slow:.0} | {fast:.0} |");
    Ok(())
}

fn both(
    old: impl FnOnce() -> Result<Did> + Send,
    new: impl FnOnce() -> Result<Did>,
) -> Result<(Did, Did)> {
    thread::scope(|scope| {
        let old = scope.spawn(old);
        let new = new();
        Ok((old.join().map_err(|_| anyhow!("the clients panicked"))??, new?))
    })
}

fn write(ours: &mut Customers) -> Result<Did> {
    let before = (ours.server.worked()?, ours.count);
    let (outcome, _) = ours.ask(CONNECTIONS, LASTS)?;
    let cost = ours.server.cost(before.0, ours.count - before.1)?;
    Ok(Did { rate: outcome.rate(), cost })
}

fn read(ours: &Customers, ask: &Template) -> Result<Did> {
    let count = ours.count;
    let load = Load {
        requests: vec![ask.clone()],
        good: 200,
        number: std::sync::Arc::new(move |it| it * 7_919 % count + 1),
        ..Load::requests(ours.server.address, CONNECTIONS, LASTS, 0)
    };
    let before = ours.server.worked()?;
    let outcome = load.closed()?;
    ensure!(outcome.is_clean(), "{}", outcome.flaws());
    let cost = ours.server.cost(before, outcome.good.len() as u64)?;
    Ok(Did { rate: outcome.rate(), cost })
}

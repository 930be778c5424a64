//! One row, and a page of twenty, of a view with a million rows.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{Bench, database};
use crate::{
    load::{Load, Outcome, Template, once, percentile},
    report::{Line, Target},
    rounds::{alternate, median},
    server::Server,
};

const CONNECTIONS: usize = 64;

/// Reads.
struct Readers {
    server: Server,
    cases: u64,
    lasts: Duration,
}

/// One row, first pages, deep pages.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let cases = bench.cases();
    let data = bench.place_with("get", cases)?;
    let lasts = bench.lasts();
    let ours = Readers { server: Server::madang(&bench.program, &data, &[])?, cases, lasts };
    let path = database(&data);
    let table = Server::bare("read", &[&path.to_string_lossy(), "request/view/requests"])?;
    let bare = Readers { server: table, cases, lasts };

    let mut lines = Vec::new();
    let row = vec![Template::get("/repair/requests/{n}")];
    let bare_row = vec![Template::get("/rows/{n}")];
    lines.push(beside(
        bench,
        "get-row",
        &format!("any of {cases} rows"),
        (&ours, &row),
        (&bare, &bare_row),
    )?);
    let first = vec![Template::get("/repair/requests")];
    let bare_first = vec![Template::get("/rows")];
    lines.push(beside(
        bench,
        "get-page",
        "the first twenty",
        (&ours, &first),
        (&bare, &bare_first),
    )?);
    let deep = ours.deep("/repair/requests?")?;
    let bare_deep = vec![Template::get(&format!("/rows?after={}", cases / 2))];
    lines.push(beside(
        bench,
        "get-page",
        "twenty of the middle",
        (&ours, &deep),
        (&bare, &bare_deep),
    )?);
    lines.push(deep_and_first(bench, "by number", &ours, (&deep, &first))?);
    let first = vec![Template::get("/repair/requests?sort=date,desc")];
    let deep = ours.deep("/repair/requests?sort=date,desc&")?;
    lines.push(deep_and_first(bench, "by date, an index", &ours, (&deep, &first))?);
    Ok(lines)
}

fn beside(
    bench: &Bench,
    name: &str,
    what: &str,
    (ours, ask): (&Readers, &[Template]),
    (bare, bare_ask): (&Readers, &[Template]),
) -> Result<Line> {
    ours.read(ask)?; // to warm up
    bare.read(bare_ask)?;
    let mut p99 = Vec::new();
    let before = ours.server.worked()?;
    let mut count = 0;
    let rounds = alternate(
        bench.rounds(),
        || {
            let mut outcome = ours.read(ask)?;
            count += outcome.good.len() as u64;
            p99.push(percentile(&mut outcome.good, 0.99));
            Ok(outcome.rate())
        },
        || Ok(bare.read(bare_ask)?.rate()),
    )?;
    let cost = ours.server.cost(before, count)?;
    let what = format!("{what}, {CONNECTIONS} connections, beside a bare read");
    let line = Line::ratio(name, &what, rounds, "/s", Target::AtLeast(0.7));
    Ok(line.with(format!("p99 {:.1} ms; {cost:.0} µs of processor time for each", median(p99))))
}

fn deep_and_first(
    bench: &Bench,
    by: &str,
    ours: &Readers,
    (deep, first): (&[Template], &[Template]),
) -> Result<Line> {
    ours.read(deep)?; // to warm up
    let rounds =
        alternate(bench.rounds(), || Ok(ours.read(deep)?.rate()), || Ok(ours.read(first)?.rate()))?;
    let what = format!("pages of the middle beside the first, {by}");
    Ok(Line::ratio("get-page", &what, rounds, "/s", Target::AtLeast(0.9)))
}

impl Readers {
    fn read(&self, requests: &[Template]) -> Result<Outcome> {
        let load = Load {
            to: self.server.address,
            connections: CONNECTIONS,
            lasts: self.lasts,
            requests: requests.to_vec(),
            good: 200,
            first: 0,
            number: Arc::new(anywhere(self.cases)),
        };
        let outcome = load.closed()?;
        ensure!(outcome.is_clean(), "{}", outcome.flaws());
        Ok(outcome)
    }

    /// Pages in the middle, by the cursors that lead there.
    fn deep(&self, list: &str) -> Result<Vec<Template>> {
        let mut pages = Vec::new();
        for tenth in 3..8 {
            let page = self.cases / 20 * tenth / 10;
            let ask = Template::get(&format!("{list}page={page}"));
            let (status, text) = once(self.server.address, &ask, 0)?;
            ensure!(status == 200, "page {page}: {status} {text}");
            let page: serde_json::Value = serde_json::from_str(&text)?;
            let next = page["_links"]["next"]["href"].as_str().context("a next page")?;
            pages.push(Template::get(next));
        }
        Ok(pages)
    }
}

/// Any number up to this one, in no order that a cache could like.
fn anywhere(cases: u64) -> impl Fn(u64) -> u64 + Send + Sync + Copy + 'static {
    move |count| count.wrapping_mul(0x9e37_79b9_7f4a_7c15) % cases + 1
}

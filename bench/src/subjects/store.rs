//! `POST /repair/requests`, durable, beside bare storage of as many rows.

use anyhow::Result;

use super::{
    Bench,
    post::{CONNECTIONS, Customers, bare},
};
use crate::{
    fill,
    report::{Line, Target},
    rounds::alternate,
    server::Server,
};

/// Beside storage.
pub fn beside_sqlite(bench: &Bench) -> Result<Vec<Line>> {
    let data = bench.place("post-sqlite")?;
    let mut ours = Customers::of(Server::madang(&bench.program, &data, &[])?, 0);
    let mut lines = Vec::new();
    for connections in CONNECTIONS {
        let folder = bench.place("counted")?;
        let requests = bench.size(20_000, 4_000);
        let counts = fill::counted(&folder.join("counted.sqlite"), requests, connections)?;
        let each = |count: u64| count as f64 / requests as f64;
        // Every request here has a key: one answer is kept for each.
        let whole = |count: u64| each(count).round().to_string();
        let rows = [whole(counts.events), whole(counts.states), whole(counts.rows)];
        let bare_one = folder.join("bare.sqlite");
        let path = bare_one.to_string_lossy();
        let storage = Server::bare("sqlite", &[&path, &rows[0], &rows[1], &rows[2], "1"])?;
        ours.ask(connections, bench.lasts())?; // to warm up
        bare(&storage, connections, bench.lasts())?;
        let rounds = alternate(
            bench.rounds(),
            || Ok(ours.ask(connections, bench.lasts())?.1),
            || bare(&storage, connections, bench.lasts()),
        )?;
        let what = format!("{connections} connections, beside bare storage");
        let counted = format!(
            "the business run in this process over a store that counts: {:.2} events, {:.2} states, {:.2} rows \
             of views, {:.3} positions of subscriptions and {:.3} commits for each request, with all that \
             follows; and one answer under its key",
            each(counts.events),
            each(counts.states),
            each(counts.rows),
            each(counts.progress),
            each(counts.commits),
        );
        lines.push(
            Line::ratio("post-sqlite", &what, rounds, "/s", Target::AtLeast(0.9)).with(counted).with(
                "ours is counted until all deliveries were done; the bare one stores all rows in one \
                 transaction, before it answers",
            ),
        );
    }
    Ok(lines)
}

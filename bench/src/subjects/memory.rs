//! How much memory the process has in use.

use anyhow::Result;

use super::{Bench, post::Customers, walk};
use crate::{
    load::{Load, Template},
    report::{Line, Target},
    server::Server,
};

const MIB: f64 = 1024.0 * 1024.0;

/// At rest, and with a long history after it has worked.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let empty = Server::madang(&bench.program, &bench.place("rest")?, &[])?;
    let rest = empty.memory()? as f64 / MIB;
    empty.end()?;
    let rest = Line::plain("memory", "at rest", rest, "MiB", Some(Target::AtMost(30.0)));

    let cases = bench.cases();
    let data = bench.place_with("memory", cases)?;
    let server = Server::madang(&bench.program, &data, &[])?;
    let started = server.memory()? as f64 / MIB;
    walk::stock(&server)?;
    let mut walked = 0;
    for _ in 0..bench.rounds() {
        walked += walk::walk(&server, 64, bench.lasts())?.good.len();
    }
    let mut ours = Customers::of(server, cases + walked as u64);
    ours.ask(256, bench.lasts() * 2)?;
    let read = Load {
        requests: vec![Template::get("/repair/requests"), Template::get("/repair/services/{n}")],
        good: 200,
        number: std::sync::Arc::new(move |count| count * 7_919 % cases + 1),
        ..Load::requests(ours.server.address, 64, bench.lasts() * 2, 1)
    };
    read.closed()?;
    let after = ours.server.memory()? as f64 / MIB;
    let what = format!("with {cases} cases on disk, after work");
    let target = Some(Target::AtMost(150.0));
    let after = Line::plain("memory", &what, after, "MiB", target).with(format!(
        "{started:.0} MiB when it was ready; then {walked} whole cases, {} requests over 256 \
         connections, and reads",
        ours.count - cases - walked as u64
    ));
    Ok(vec![rest, after])
}

//! From the start of the process until it is ready.

use std::time::Duration;

use anyhow::Result;

use super::{Bench, post::fresh_keys};
use crate::{
    load::Load,
    report::{Line, Target},
    rounds::median,
    server::Server,
};

/// After it was asked to end, and after it was killed under load.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let cases = bench.cases();
    let data = bench.place_with("start", cases)?;
    let start = || Server::madang(&bench.program, &data, &[]);
    start()?.end()?; // so that what a copy leaves cold is warm
    let mut after_end = Vec::new();
    for _ in 0..bench.rounds() {
        let server = start()?;
        after_end.push(ms(server.ready_after));
        server.end()?;
    }
    let mut after_kill = Vec::new();
    for _ in 0..bench.rounds() {
        let server = start()?;
        let load = Load::requests(server.address, 64, bench.lasts(), fresh_keys());
        load.closed()?;
        let running = Load::requests(server.address, 64, bench.lasts(), fresh_keys());
        // It is killed while it is at work, so this load is broken off.
        std::thread::scope(|scope| {
            let load = scope.spawn(move || running.closed());
            std::thread::sleep(bench.lasts() / 2);
            let killed = server.kill();
            drop(load.join());
            killed
        })?;
        let server = start()?;
        after_kill.push(ms(server.ready_after));
        server.end()?;
    }
    let longest = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    let line = |what: String, times: Vec<f64>, most| {
        let note = format!("the longest of {} was {:.0} ms", times.len(), longest(&times));
        let target = Some(Target::AtMost(most));
        Line::plain("start", &what, median(times), "ms", target).with(note)
    };
    Ok(vec![
        line(format!("start to ready, {cases} cases"), after_end, 300.0),
        line(format!("after kill -9 under load, {cases} cases"), after_kill, 2_000.0),
    ])
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

//! Makes a failing run as small as it can be made in a while: fewer things that
//! go wrong, fewer people, less time; and the same law is still broken.

use std::time::{Duration, Instant};

use crate::{
    options::Options,
    run::{Outcome, run_with},
    watch::Watch,
};

/// The smallest run that was found within this time to break the same law.
#[must_use]
pub fn shrink(outcome: Outcome, within: Duration, watch: &Watch) -> Outcome {
    let until = Instant::now() + within;
    let mut least = outcome;
    loop {
        let before = least.options.set.clone();
        for smaller in smaller(&least) {
            if Instant::now() > until {
                return least;
            }
            // What was cut meanwhile stays cut.
            let Some(options) = smaller(&least.options) else { continue };
            watch.begins(&format!("seed {} {}", options.seed, options.set.join(" ")));
            let tried = run_with(options);
            let law = |it: &Outcome| it.broken.as_ref().map(|broken| broken.law.id);
            if law(&tried) == law(&least) {
                least = tried;
            }
        }
        if least.options.set == before {
            return least;
        }
    }
}

type Cut = Box<dyn Fn(&Options) -> Option<Options>>;

/// What can be tried, the largest cuts first.
fn smaller(outcome: &Outcome) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    // It need not go on after it has broken.
    let broken = outcome.trace.lines().iter().find(|line| line.text.starts_with("BROKEN"));
    if let Some(at) = broken.and_then(|line| u64::try_from(line.at.as_millis()).ok()) {
        cuts.push(number("busy", at + 1_000));
    }
    let names: Vec<_> = outcome.options.faults.keys().map(|name| (*name).to_owned()).collect();
    for part in names.chunks(names.len().div_ceil(2).max(1)) {
        cuts.push(without(part.to_vec()));
    }
    cuts.extend(names.into_iter().map(|name| without(vec![name])));
    for (name, least, value) in outcome.options.listed() {
        // A greater batch or a longer pause is not simpler.
        if ["batch", "outside-at-once", "pause", "attempts"].contains(&name) {
            continue;
        }
        for smaller in [least, u64::midpoint(least, value), value.saturating_sub(1)] {
            cuts.push(number(name, smaller));
        }
    }
    cuts
}

fn without(names: Vec<String>) -> Cut {
    Box::new(move |options| {
        let all = options.faults.keys().map(|name| (*name).to_owned());
        let left: Vec<_> = all.filter(|name| !names.contains(name)).collect();
        let mut options = options.clone();
        let fewer = left.len() < options.faults.len();
        (fewer && options.only(&left).is_ok()).then_some(options)
    })
}

fn number(name: &'static str, value: u64) -> Cut {
    Box::new(move |options| {
        let mut options = options.clone();
        let present = options.listed().into_iter().find(|it| it.0 == name)?.2;
        (value < present && options.set(name, value).is_ok()).then_some(options)
    })
}

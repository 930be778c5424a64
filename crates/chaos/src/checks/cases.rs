//! Cases: each has gone on by itself to where its commands lead, and everyone says the same of it.

use std::collections::BTreeMap;

use crate::{
    history::{Came, Deed},
    report::{Finding, count},
    rows::{Shown, status},
    wish::Wish,
};

/// Where each case must be now: one of these.
pub type Ends = BTreeMap<u64, Vec<&'static str>>;

/// Each case is where its commands lead, in the eyes of everyone.
pub fn cases(deeds: &[Deed], shown: &Shown) -> Vec<Finding> {
    let ends = ends(deeds);
    let mut counts = BTreeMap::<&str, usize>::new();
    let (mut astray, mut disagreed) = (Vec::new(), Vec::new());
    for (id, end) in &ends {
        let job = status(&shown.services, *id);
        *counts.entry(job).or_default() += 1;
        if !end.contains(&job) {
            astray.push(format!("case {id} is {job} and not {}", end.join(" or ")));
        }
        let request = status(&shown.requests, *id);
        let expected = if job == "CANCELED" { "CANCELED" } else { "REQUESTED" };
        let pay = status(&shown.pays, *id);
        let due = if job == "PAID" { "PAID" } else { "nothing" };
        let progress = shown.progress.get(id);
        let seen = progress.and_then(|it| it["status"].as_str()).unwrap_or("nothing");
        let is_waiting = progress.is_none_or(|it| it["canceling"] == true);
        if request != expected || pay != due || seen != job || is_waiting {
            disagreed.push(format!(
                "case {id}: service says {job}, request {request}, payment {pay}, progress {seen}"
            ));
        }
    }
    let figure: Vec<_> = counts.iter().map(|(name, it)| format!("{name} {}", count(*it))).collect();
    vec![
        Finding::each("every case went on by itself to its end", ends.len(), astray)
            .with(figure.join(", "))
            .rule("U7"),
        Finding::each("everyone says the same of a case", ends.len(), disagreed).rule("U7"),
    ]
}

fn ends(deeds: &[Deed]) -> Ends {
    let mut ends = Ends::new();
    for deed in deeds {
        let Some(id) = deed.id() else { continue };
        let end: &[_] = match (&deed.wish, deed.ok()) {
            (Wish::Request { .. }, Some(_)) => &["REQUESTED"],
            (Wish::Accept(_), Some(200)) => &["ACCEPTED"],
            (Wish::Accept(_), Some(_)) => &["ACCEPTED", "OUTOFSTOCK"],
            (Wish::Accept(_), None) if deed.came().is_some_and(Came::is_out_of_stock) => {
                &["OUTOFSTOCK"]
            }
            (Wish::Complete(_), Some(_)) => &["PAID"],
            (Wish::Cancel(_), Some(_)) => &["CANCELED"],
            _ => continue,
        };
        // The commands of a case follow one another; of two at the same time the cancel comes last.
        ends.insert(id, end.to_vec());
    }
    ends
}

//! The ledger of a running server: whether everything is accounted for.

use serde_json::Value;

use super::{Answer, Client};
use crate::{
    columns::Columns,
    exit::{Code, Outcome, Stop, print},
};

/// The columns after the names; the first is what the others add up to.
const FIGURES: [&str; 8] =
    ["committed", "done", "refused", "waiting", "leased", "failed", "parked", "abandoned"];

/// Prints it.
pub fn run(client: &Client) -> Outcome {
    let (mut entries, mut away) = (Vec::new(), Vec::new());
    for server in client.each() {
        match server.get("/ops/ledger").and_then(Answer::ok) {
            Ok(ledger) => add(&mut entries, &ledger),
            Err(stop) => away.push(stop),
        }
    }
    let is_one = client.each().len() == 1;
    let headings = ["context", "subscription", "source"].into_iter().chain(FIGURES);
    let mut table = Columns::new(&headings.collect::<Vec<_>>()).with_numbers();
    let mut wrong = Vec::new();
    let mut sum = FIGURES.map(|_| Some(0));
    for entry in &entries {
        let names = ["context", "subscription", "source"];
        let names = names.map(|it| entry[it].as_str().unwrap_or("?").to_owned());
        let figures = FIGURES.map(|it| entry[it].as_u64());
        sum =
            std::array::from_fn(|at| sum[at].zip(figures[at]).map(|(sum, it): (u64, _)| sum + it));
        if !adds_up(figures) {
            wrong.push(names.join(" "));
        }
        table.row(names.into_iter().chain(figures.map(shown)));
    }
    if !is_one {
        let names = ["all", "", ""].map(str::to_owned);
        table.row(names.into_iter().chain(sum.map(shown)));
    }
    // Without a row there is nothing to say about those who are away but that.
    if !entries.is_empty() || away.is_empty() {
        print(table.text())?;
    }
    if let Some(stop) = away.into_iter().next() {
        return Err(stop);
    }
    match (entries.as_slice(), wrong.as_slice()) {
        ([], _) => Err(Stop::new(Code::Bad, "the server shows no ledger")),
        (_, []) => print("adds up\n"),
        (_, wrong) => {
            Err(Stop::new(Code::Bad, format!("the ledger does not add up: {}", wrong.join(", "))))
        }
    }
}

/// What several processes show of the same subscription is one line.
fn add(entries: &mut Vec<Value>, ledger: &Value) {
    let same = |one: &Value, other: &Value| {
        ["context", "subscription", "source"].iter().all(|it| one[it] == other[it])
    };
    for entry in ledger["entries"].as_array().into_iter().flatten() {
        if !entries.iter().any(|it| same(it, entry)) {
            entries.push(entry.clone());
        }
    }
}

fn shown(figure: Option<u64>) -> String {
    figure.map_or("?".into(), |it| it.to_string())
}

/// A figure that is not there does not add up to anything.
fn adds_up(figures: [Option<u64>; 8]) -> bool {
    let [committed, rest @ ..] = figures;
    let sum = rest.into_iter().try_fold(0_u64, |sum, it| sum.checked_add(it?));
    committed.is_some() && sum == committed
}

#[cfg(test)]
mod tests {
    use super::adds_up;

    #[test]
    fn every_figure_counts() {
        assert!(adds_up([10, 4, 1, 1, 1, 1, 1, 1].map(Some)));
        assert!(!adds_up([10, 4, 1, 1, 1, 1, 1, 0].map(Some)));
        assert!(!adds_up([None; 8]));
    }
}

//! The ledger of a running server: whether everything is accounted for.

use super::Client;
use crate::{
    columns::Columns,
    exit::{Code, Outcome, Stop, print},
};

/// The columns after the names; the first is what the others add up to.
const FIGURES: [&str; 8] =
    ["committed", "done", "refused", "waiting", "leased", "failed", "parked", "abandoned"];

/// Prints it.
pub fn run(client: &Client) -> Outcome {
    let ledger = client.get("/ops/ledger")?.ok()?;
    let entries = ledger["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let headings = ["context", "subscription", "source"].into_iter().chain(FIGURES);
    let mut table = Columns::new(&headings.collect::<Vec<_>>()).with_numbers();
    let mut wrong = Vec::new();
    for entry in entries {
        let names = ["context", "subscription", "source"];
        let names = names.map(|it| entry[it].as_str().unwrap_or("?").to_owned());
        let figures = FIGURES.map(|it| entry[it].as_u64());
        if !adds_up(figures) {
            wrong.push(names.join(" "));
        }
        let figures = figures.map(|it| it.map_or("?".into(), |it| it.to_string()));
        table.row(names.into_iter().chain(figures));
    }
    print(table.text())?;
    match (entries, wrong.as_slice()) {
        ([], _) => Err(Stop::new(Code::Bad, "the server shows no ledger")),
        (_, []) => print("adds up\n"),
        (_, wrong) => {
            Err(Stop::new(Code::Bad, format!("the ledger does not add up: {}", wrong.join(", "))))
        }
    }
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

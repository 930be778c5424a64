//! The failure lab of a running server.

use serde_json::{Value, json};

use super::{Answer, Client, Wish};
use crate::{
    columns::Columns,
    exit::{Code, Outcome, Stop, print},
};

/// Printed under `madang lab --help`.
pub const EXAMPLES: &str = "\
Examples:
  madang lab                                   who feels how
  madang lab stock down                        as if its process were gone
  madang lab service slow 620ms                answers so much later
  madang lab payment failing 30%               so many of a hundred calls fail
  madang lab payment-provider unknown          does it, and its answer is lost
  madang lab payment-provider decline          a state of its own
  madang lab stock up";

const PATH: &str = "/ops/lab";

/// Shows how everyone feels, or one of them.
pub fn show(client: &Client, only: Option<&str>) -> Outcome {
    let answer = client.get(PATH)?;
    let lab = open(client, answer)?;
    let members = lab["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found =
        members.iter().filter(|it| only.is_none_or(|only| it["name"] == only)).peekable();
    if found.peek().is_none() {
        let who = only.map(|it| format!(" called {it}")).unwrap_or_default();
        return Err(Stop::new(Code::Bad, format!("nobody{who} is in the lab")));
    }
    let mut table = Columns::new(&["name", "kind", "state", "can be"]);
    for one in found {
        let words = ["name", "kind", "state"].map(|it| one[it].as_str().unwrap_or("?").to_owned());
        let allowed = one["allowed"].as_array().into_iter().flatten().filter_map(Value::as_str);
        table.row(words.into_iter().chain([allowed.collect::<Vec<_>>().join(" | ")]));
    }
    print(table.text())
}

/// Makes one feel so.
pub fn set(client: &Client, name: &str, state: &str) -> Outcome {
    let path = format!("{PATH}/{name}");
    // Everybody who knows of it is told; one who does not is no matter.
    let mut told: Option<Outcome<Value>> = None;
    for server in client.each() {
        let answer = server.put(&path, &json!({ "state": state }), Wish::default());
        let now = answer.and_then(|answer| open(&server, answer));
        if !matches!((&told, &now), (Some(Ok(_)), Err(_))) {
            told = Some(now);
        }
    }
    let now = told.unwrap_or_else(|| Ok(Value::Null))?;
    print(format!("{name} {}\n", now["state"].as_str().unwrap_or(state)))
}

/// A server without a lab does not know the address.
fn open(client: &Client, answer: Answer) -> Outcome<Value> {
    let kind = answer.body["type"].as_str().unwrap_or_default();
    if answer.status == 404 && kind.ends_with("unknown-path") {
        let url = client.url();
        let line = format!("the server at {url} has no lab; start it with: madang serve --lab");
        return Err(Stop::new(Code::Unavailable, line));
    }
    answer.ok()
}

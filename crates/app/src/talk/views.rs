//! The views of a running server: rebuilt beside the rows that are shown,
//! compared, and switched.

use std::{thread, time::Duration};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Client, Wish};
use crate::{
    columns::Columns,
    exit::{Code, Outcome, Stop, print},
};

/// Printed under `madang views --help`.
pub const EXAMPLES: &str = "\
Examples:
  madang views                             every view, and how its rebuild stands
  madang views rebuild services            rebuild it beside the old rows, and compare
  madang views rebuild services --switch   the same, and show the new rows; or, when it was
                                           rebuilt before, only that
  madang views cancel services             leave everything as it is";

/// Which view, and what to do with it.
#[derive(Debug, Args)]
pub struct Which {
    /// What to do
    #[arg(value_enum, default_value_t = Action::List)]
    action: Action,
    /// The view, such as services
    #[arg(required_if_eq_any([("action", "rebuild"), ("action", "cancel")]))]
    name: Option<String>,
    /// After the rebuild, show the rows that were rebuilt
    #[arg(long, requires = "name")]
    switch: bool,
}

/// What to do with views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Every view, and how its rebuild stands
    List,
    /// Rebuild one beside the rows that are shown, and say how they differ
    Rebuild,
    /// Give a rebuild up
    Cancel,
}

const PATH: &str = "/ops/views";
/// How often is looked whether a rebuild is ready.
const LOOK: Duration = Duration::from_millis(200);

/// Does it.
pub fn run(client: &Client, which: &Which) -> Outcome {
    let Some(name) = &which.name else { return list(client) };
    match which.action {
        Action::List => list(client),
        Action::Rebuild => rebuild(client, name, which.switch),
        Action::Cancel => {
            tell(client, name, "cancel")?;
            print(format!("{name}: cancelled; what is shown has not changed\n"))
        }
    }
}

fn list(client: &Client) -> Outcome {
    let mut views = Vec::new();
    for server in client.each() {
        let found = server.get(PATH)?.ok()?;
        views.extend(found["views"].as_array().cloned().unwrap_or_default());
    }
    let columns = ["view", "context", "rows", "rebuild", "since", "same", "changed", "missing"];
    let mut table = Columns::new(&[&columns[..], &["extra"]].concat()).with_numbers();
    for view in &views {
        let rebuild = &view["rebuild"];
        let difference = &rebuild["difference"];
        let cells = [&view["view"], &view["context"], &view["rows"], &rebuild["phase"]].map(text);
        let since = text(&rebuild["since"]).chars().take(19).collect();
        let figures = ["same", "changed", "missing", "extra"].map(|it| text(&difference[it]));
        table.row(cells.into_iter().chain([since]).chain(figures));
    }
    print(table.text())
}

/// Rebuilds, unless that has been done; says how the rows differ; switches, if
/// that is wanted.
fn rebuild(client: &Client, name: &str, switch: bool) -> Outcome {
    let view = client.get(&format!("{PATH}/{name}"))?.ok()?;
    if !(switch && view["rebuild"]["phase"] == "ready") {
        tell(client, name, "rebuild")?;
    }
    let ready = wait(client, name)?;
    print(differences(&ready["rebuild"]["difference"]))?;
    if !switch {
        return print(format!(
            "nothing has been switched; to do so: madang views rebuild {name} --switch; \
             to leave it: madang views cancel {name}\n"
        ));
    }
    let switched = tell(client, name, "switch")?;
    if switched["rebuild"]["difference"] != ready["rebuild"]["difference"] {
        print("in the moment of the switch:\n")?;
        print(differences(&switched["rebuild"]["difference"]))?;
    }
    print(format!("{name}: switched; {} rows are shown\n", text(&switched["rows"])))
}

/// Waits until it is ready.
fn wait(client: &Client, name: &str) -> Outcome<Value> {
    loop {
        let view = client.get(&format!("{PATH}/{name}"))?.ok()?;
        let rebuild = &view["rebuild"];
        match rebuild["phase"].as_str() {
            Some("reading" | "comparing" | "switching") => thread::sleep(LOOK),
            Some("ready") => return Ok(view),
            Some(phase) => {
                let line =
                    format!("the rebuild of {name} is {phase}: {}", text(&rebuild["reason"]));
                return Err(Stop::new(Code::Bad, line.trim_end_matches(": ")));
            }
            None => {
                let line = format!("the server has forgotten the rebuild of {name}");
                return Err(Stop::new(Code::Unavailable, line));
            }
        }
    }
}

fn tell(client: &Client, name: &str, verb: &str) -> Outcome<Value> {
    client.post(&format!("{PATH}/{name}/{verb}"), &json!({}), Wish::default())?.ok()
}

/// How many rows differ, and some of them field by field.
fn differences(difference: &Value) -> String {
    let figures = ["same", "changed", "missing", "extra"];
    let figures = figures.map(|it| format!("{it} {}", text(&difference[it])));
    let mut said = figures.join(", ") + "\n";
    let examples = difference["examples"].as_array().map(Vec::as_slice).unwrap_or_default();
    if examples.is_empty() {
        return said;
    }
    let mut table = Columns::new(&["row", "is", "field", "shown", "rebuilt"]);
    for example in examples {
        let row = [&example["id"], &example["verdict"]].map(text);
        if let Some(why) = example["unreadable"].as_str() {
            table.row(row.clone().into_iter().chain([String::new(), format!("({why})")]));
        }
        for field in example["fields"].as_array().into_iter().flatten() {
            let side = |name: &str| match &field[name] {
                _ if field["hidden"] == true => "(hidden)".to_owned(),
                value => short(&value.to_string()),
            };
            let cells = [text(&field["name"]), side("shown"), side("rebuilt")];
            table.row(row.clone().into_iter().chain(cells));
        }
    }
    said.push_str(&table.text());
    said
}

fn short(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

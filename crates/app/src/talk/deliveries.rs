//! The deliveries of a running server that took a path of their own.

use std::env;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Client, Wish, query};
use crate::{
    columns::Columns,
    exit::{Code, Outcome, Stop, print},
};

/// Which deliveries, and what to do with them.
#[derive(Debug, Args)]
pub struct Which {
    /// What to do with them
    #[arg(value_enum, default_value_t = Action::List)]
    action: Action,
    /// Only those to one context
    #[arg(long)]
    context: Option<String>,
    /// Only those in one stage; what is tried again or given up is parked, unless this is said
    #[arg(long, value_parser = ["waiting", "failed", "parked", "refused", "abandoned"])]
    stage: Option<String>,
    /// Why; it is recorded
    #[arg(long, required_if_eq("action", "abandon"))]
    reason: Option<String>,
}

/// What to do with deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Show them
    List,
    /// Try them again
    Replay,
    /// Give them up
    Abandon,
}

const PATH: &str = "/ops/deliveries";
/// How many are asked for at once, of each context.
const PAGE: &str = "1000";

/// Does it.
pub fn run(client: &Client, which: &Which) -> Outcome {
    match which.action {
        Action::List => list(&find(client, which, which.stage.as_deref())?),
        Action::Replay if !matches!(which.stage.as_deref(), None | Some("failed" | "parked")) => {
            let line = "only what has failed or is parked can be tried again";
            Err(Stop::new(Code::Usage, line))
        }
        Action::Replay => act(client, which, "replay", "replayed"),
        Action::Abandon => act(client, which, "abandon", "abandoned"),
    }
}

fn find(client: &Client, which: &Which, stage: Option<&str>) -> Outcome<Vec<Value>> {
    let fields = [("context", which.context.as_deref()), ("stage", stage), ("limit", Some(PAGE))];
    let found = client.get(&query::with(PATH, &fields))?.ok()?;
    match found {
        Value::Object(mut found) => match found.remove("deliveries") {
            Some(Value::Array(deliveries)) => Ok(deliveries),
            _ => Err(Stop::new(Code::Bad, "the server shows no deliveries")),
        },
        _ => Err(Stop::new(Code::Bad, "the server shows no deliveries")),
    }
}

fn list(deliveries: &[Value]) -> Outcome {
    let columns = ["context", "subscription", "event", "case", "stage", "attempts", "due"];
    let mut table = Columns::new(&[&columns[..], &["reason"]].concat()).with_numbers();
    for delivery in deliveries {
        let reason = delivery["reason"]["en"].as_str().unwrap_or_default().to_owned();
        let cells = columns.map(|column| match column {
            "event" => event(delivery),
            "due" => text(delivery, column).chars().take(19).collect(),
            _ => text(delivery, column),
        });
        table.row(cells.into_iter().chain([reason]));
    }
    if deliveries.is_empty() { print("none\n") } else { print(table.text()) }
}

/// One after the other, so that one that cannot be moved does not keep the
/// others from it; what really happened is counted.
fn act(client: &Client, which: &Which, verb: &str, done: &str) -> Outcome {
    let deliveries = find(client, which, Some(which.stage.as_deref().unwrap_or("parked")))?;
    let name = env::var("USER").ok().filter(|it| !it.is_empty());
    let actor = name.as_deref().map(|name| (name, "operator"));
    let (mut count, mut failed) = (0, None);
    for delivery in &deliveries {
        let mut body = json!({});
        for field in ["context", "subscription", "source", "position"] {
            body[field] = delivery[field].clone();
        }
        if let Some(reason) = &which.reason {
            body["reason"] = json!(reason);
        }
        let answer = client.post(&format!("{PATH}/{verb}"), &body, Wish { actor, key: None })?;
        match answer.ok() {
            Ok(_) => count += 1,
            Err(stop) => failed = Some(stop),
        }
    }
    print(format!("{count} of {} {done}\n", deliveries.len()))?;
    failed.map_or(Ok(()), Err)
}

/// Which event is delivered: whose, and where in the journal.
fn event(delivery: &Value) -> String {
    format!("{}:{}", text(delivery, "source"), text(delivery, "position"))
}

fn text(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

//! Everything about one delivery.

use std::fmt::Write;

use serde_json::Value;

use super::{PATH, reason, word};
use crate::{
    exit::{Outcome, print},
    talk::{Client, query},
};

/// Prints it.
pub fn run(client: &Client, id: &str) -> Outcome {
    let one = client.get(&format!("{PATH}/{}", query::encoded(id)))?.ok()?;
    let mut text = format!("{}\n", word(&one, "id"));
    let mut line = |name: &str, said: String| {
        if !said.is_empty() {
            // Writing to a text never fails.
            let _ = writeln!(text, "  {name:<10} {said}");
        }
    };
    let event = &one["event"];
    line(
        "event",
        format!("{} at {}, by {}", word(event, "name"), at(event, "time"), who(&event["actor"])),
    );
    line("data", event["body"].to_string());
    line("case", word(&one, "case"));
    line("stage", stage(&one));
    line("since", at(&one, "since"));
    line("next try", next(&one));
    line("reason", reason(&one));
    line("behind", word(&one, "behind"));
    line("waiting", waiting(&one));
    for act in one["acts"].as_array().into_iter().flatten() {
        let deed = if act["deed"] == "replay" { "tried again" } else { "given up" };
        let mut said = format!("{} by {} at {}", deed, who(&act["by"]), at(act, "time"));
        for (before, text) in [(": ", word(act, "why")), (" → ", came(&act["came"]))] {
            if !text.is_empty() {
                said.push_str(before);
                said.push_str(&text);
            }
        }
        line("act", said);
    }
    print(text)
}

fn stage(one: &Value) -> String {
    let attempts = one["attempts"].as_u64().unwrap_or_default();
    let stage = word(one, "stage");
    match attempts {
        0 => stage,
        1 => format!("{stage}, tried once"),
        many => format!("{stage}, tried {many} times"),
    }
}

fn next(one: &Value) -> String {
    match (one["stage"].as_str(), one["due"].as_str()) {
        (Some("waiting" | "failed"), Some(_)) => at(one, "due"),
        (Some("waiting" | "failed"), None) => "when what is before it is done".to_owned(),
        (Some("parked"), _) => "when an operator says so".to_owned(),
        _ => String::new(),
    }
}

fn waiting(one: &Value) -> String {
    match one["waitingBehind"].as_u64() {
        None | Some(0) => String::new(),
        Some(count) => format!("{count} of the same case behind it"),
    }
}

/// A moment, to the second.
fn at(value: &Value, name: &str) -> String {
    word(value, name).chars().take(19).collect::<String>().replace('T', " ")
}

fn who(actor: &Value) -> String {
    format!("{} ({})", word(actor, "name"), word(actor, "role"))
}

fn came(came: &Value) -> String {
    match (word(came, "stage"), reason(came)) {
        (stage, reason) if reason.is_empty() || stage == "abandoned" => stage,
        (stage, reason) => format!("{stage}: {reason}"),
    }
}

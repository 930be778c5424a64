//! Trying deliveries again, or giving them up: first what would come of it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Action, PATH, Which, reason, word};
use crate::{
    exit::{Code, Outcome, Stop, print},
    talk::{Client, Wish},
};

/// How many are foreseen, unless somebody says otherwise.
const FORESEEN: u64 = 20;
/// The most a server does in one request.
const PAGE: u64 = 1_000;

/// Does it, or says what would come of it.
pub fn run(client: &Client, which: &Which) -> Outcome {
    let (verb, done) = match which.action {
        Action::Abandon => ("abandon", "abandoned"),
        _ => ("replay", "replayed"),
    };
    let path = format!("{PATH}/{verb}");
    let body = which.body(client)?;
    if !which.yes {
        return foresee(client, which, (&path, verb), body);
    }
    if which.reason.is_none() && (which.id.is_none() || which.action == Action::Abandon) {
        return Err(Stop::new(Code::Usage, "say why with --reason; it is recorded"));
    }
    go(client, which, (&path, done), body)
}

fn foresee(client: &Client, which: &Which, (path, verb): (&str, &str), mut body: Value) -> Outcome {
    body["limit"] = which.limit.unwrap_or(FORESEEN).min(PAGE).into();
    let said = client.post(&format!("{path}?dry=true"), &body, Wish::default())?.ok()?;
    let all = said["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if all.is_empty() {
        return print("none\n");
    }
    let mut text = String::new();
    for one in all {
        tell(&mut text, one, verb);
    }
    let left = said["left"].as_u64().unwrap_or_default();
    if left > 0 {
        let _ = writeln!(text, "… and {left} more");
    }
    text += "Nothing was changed. With --yes it is done.\n";
    print(text)
}

/// One delivery, and what would come of it. Writing to a text never fails.
fn tell(text: &mut String, one: &Value, verb: &str) {
    let (id, case, stage) = (word(one, "id"), word(one, "case"), word(one, "stage"));
    let _ = writeln!(text, "{id}  {case}  {stage}");
    if let Some(first) = one["behind"].as_str() {
        let _ = writeln!(text, "  waits until the delivery of {first} is done");
    }
    if verb == "abandon" {
        let _ = writeln!(text, "  would be given up; {} wait behind it", one["waitingBehind"]);
        return;
    }
    let would = &one["would"];
    for given in would["gives"].as_array().into_iter().flatten() {
        let (command, body) = (word(given, "command"), &given["body"]);
        let _ = writeln!(text, "  would give {command} to {} {body}", word(given, "to"));
        for event in given["events"].as_array().into_iter().flatten() {
            let (name, kind, number) =
                (word(event, "name"), word(event, "kind"), word(event, "number"));
            let _ = writeln!(text, "    {name} happens to {kind} {number} {}", event["body"]);
        }
        if given["events"].as_array().is_some_and(Vec::is_empty) {
            let _ = writeln!(text, "    nothing happens");
        }
        trouble(text, "    ", given);
    }
    if would["gives"].as_array().is_some_and(Vec::is_empty) {
        let _ = writeln!(text, "  would give no command");
    }
    if let Some(call) = would.get("calls") {
        let (wish, outside) = (word(call, "wish"), word(call, "outside"));
        let (key, command) = (word(call, "idempotencyKey"), word(call, "answerGoesTo"));
        let _ = writeln!(text, "  would ask {outside} for {wish} {}", call["body"]);
        let _ = writeln!(text, "    under the idempotency key {key}; its answer goes to {command}");
    }
    if let Some(shows) = would.get("shows") {
        let _ = writeln!(text, "  would write a row of {}", word(shows, "view"));
        let _ = writeln!(text, "    before {}", shows["before"]);
        let _ = writeln!(text, "    after  {}", shows["after"]);
    }
    trouble(text, "  ", would);
}

fn trouble(text: &mut String, indent: &str, value: &Value) {
    let troubles = [
        ("would be refused: ", value["refused"]["en"].as_str()),
        ("would fail: ", value["fails"].as_str()),
        ("", value["unknown"]["en"].as_str()),
    ];
    for (before, said) in troubles {
        if let Some(said) = said {
            let _ = writeln!(text, "{indent}{before}{said}");
        }
    }
}

/// As many requests as it takes; what really happened is counted.
fn go(client: &Client, which: &Which, (path, verb): (&str, &str), mut body: Value) -> Outcome {
    let actor = which.by.as_deref().filter(|it| !it.is_empty()).map(|name| (name, "operator"));
    body["perSecond"] = which.per_second.into();
    body["keepGoing"] = which.keep_going.into();
    if let Some(why) = &which.reason {
        body["reason"] = json!(why);
    }
    let mut most = which.limit.unwrap_or(u64::MAX);
    let (mut count, mut refused, mut failed) = (0, 0, Vec::new());
    loop {
        body["limit"] = most.min(PAGE).into();
        let said = client.post(path, &body, Wish { actor, key: None })?.ok()?;
        let number = |name: &str| said[name].as_u64().unwrap_or_default();
        let now = number(verb);
        (count, refused, most) =
            (count + now, refused + number("refused"), most.saturating_sub(now));
        failed.extend(said["failed"].as_array().cloned().unwrap_or_default());
        let left = number("left");
        let ends = said["stopped"].is_object() || now == 0 || most == 0;
        if left > 0 && !ends {
            body["after"] = said["next"].clone();
            continue;
        }
        let good = count - failed.len() as u64;
        print(format!("{good} of {} {verb}", count + left))?;
        print(if refused > 0 { format!(", {refused} of them refused\n") } else { "\n".into() })?;
        return match failed.as_slice() {
            [] => Ok(()),
            failed => {
                let each = failed
                    .iter()
                    .map(|it| format!("{} {}: {}", word(it, "id"), word(it, "stage"), reason(it)));
                let each = each.collect::<Vec<_>>().join("; ");
                Err(Stop::new(Code::Bad, format!("failed again, {left} left: {each}")))
            }
        };
    }
}

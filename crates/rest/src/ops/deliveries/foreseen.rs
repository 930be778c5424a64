//! What would come of a delivery, as operators are told before they decide.

use kernel::{Event, Key};
use runtime::{Failure, Given, Would};
use serde_json::{Value, json, value::RawValue};

use crate::{front::Front, ops::journal};

/// What would come of it.
pub fn would(front: &Front, would: &Would) -> Value {
    match would {
        Would::Give(given) => {
            json!({ "gives": given.iter().map(|it| gives(front, it)).collect::<Vec<_>>() })
        }
        Would::Call { who, wish, body, key, command } => json!({
            "calls": {
                "outside": who,
                "wish": wish,
                "body": raw(body),
                "idempotencyKey": key,
                "answerGoesTo": command,
            },
        }),
        Would::Show { view, before, after } => json!({
            "shows": {
                "view": view,
                "before": before.as_ref().map(|it| raw(&it.row)),
                "after": after.as_ref().map(|it| raw(&it.row)),
            },
        }),
        Would::Fail(failure) => fails(failure),
        Would::EndTheProcess(times) => json!({
            "unknown": {
                "ko": format!("처리하는 동안 프로세스가 {times}번 끝난 일이라 미리 해 보지 않아요."),
                "en": format!(
                    "The process ended {times} times while this was handled, so it is not tried \
                     in advance."
                ),
            },
        }),
    }
}

fn gives(front: &Front, given: &Given) -> Value {
    let to = match &given.to {
        Key::Number(number) => json!(number),
        Key::Name(name) => json!(name),
    };
    let mut said = json!({ "command": given.command, "to": to, "body": raw(&given.body) });
    match &given.comes {
        Ok(events) => said["events"] = events.iter().map(|it| happens(front, it)).collect(),
        Err(failure) => {
            if let (Some(said), Value::Object(why)) = (said.as_object_mut(), fails(failure)) {
                said.extend(why);
            }
        }
    }
    said
}

fn happens(front: &Front, event: &Event) -> Value {
    let shown = journal::shown(front, event);
    let mut said = json!({});
    for name in ["name", "kind", "number", "body"] {
        said[name] = shown[name].clone();
    }
    said
}

fn fails(failure: &Failure) -> Value {
    match failure {
        Failure::Refused(sentence) => json!({ "refused": sentence }),
        failure => json!({ "fails": failure.story() }),
    }
}

fn raw(body: &[u8]) -> Option<Box<RawValue>> {
    RawValue::from_string(String::from_utf8(body.to_vec()).ok()?).ok()
}

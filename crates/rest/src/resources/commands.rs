//! Commands: read, given, and answered when they settle.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Method, StatusCode},
    response::Response,
};
use kernel::{Command, Key, Rule, Tongue, Verb};
use runtime::{Failure, Order, Settlement, Target, Told};

use super::showing::Showing;
use crate::{
    answer, body,
    call::Call,
    freshness,
    front::Front,
    idempotency,
    problem::{Kind, Place, Problem, Violation},
    table::Resource,
};

/// The longest a caller may want to wait, in seconds.
pub const WAIT_MAX: u64 = 30;

/// Gives a command, and answers when it settles.
///
/// # Errors
///
/// When it is not right, not allowed, or refused; nothing has changed then.
pub async fn tell(
    front: &Arc<Front>,
    call: &Call,
    body: Body,
    (resource, index): (Resource, usize),
) -> Result<Response, Problem> {
    let system = front.system();
    let context = resource.context(system).name;
    let guarded = resource.aggregate(system);
    let Some(rule) = guarded.and_then(|it| it.rules.get(index)) else {
        return Err(Failure::fault("a route without a rule").into());
    };
    let counted = |outcome| front.rest.metrics.command(context, rule.command.name, outcome);
    let order = order(front, call, body, resource, rule).await;
    let order = order.inspect_err(|_| counted("rejected"))?;

    // A caller who goes away takes nothing back.
    let runtime = front.rest.runtime.clone();
    let told = tokio::spawn(async move { runtime.tell(order).await }).await;
    let told = told.map_err(|error| Failure::fault(format!("a command broke: {error}")))?;
    let told = told.map_err(Problem::from).inspect_err(|it| counted(it.kind().name()))?;
    counted(match told.outcome {
        Settlement::Settled => "settled",
        Settlement::Refused(_) => "refused-later",
        Settlement::Pending => "pending",
    });
    if let Settlement::Refused(sentence) = told.outcome {
        return Err(Problem::say(Kind::Refused, sentence));
    }
    let begins = !matches!(rule.verb, Some(Verb::Put(_)));
    let showing = Showing { front, caller: &call.caller, resource };
    Ok(said(&showing, call.tongue, &told, begins)?)
}

/// The command as the runtime takes it.
async fn order(
    front: &Front,
    call: &Call,
    body: Body,
    resource: Resource,
    rule: &Rule,
) -> Result<Order, Problem> {
    let by = call.caller.who.acting(rule)?;
    call.query.only(&[])?;
    let id = match rule.verb {
        Some(Verb::Put(_)) => Some(Key::Number(call.id()?)),
        _ => None,
    };
    let see_through = patience(call)?.unwrap_or(front.rest.see_through);
    let see_through = call.time_left().map_or(see_through, |left| see_through.min(left));
    let trace = trace(call)?;
    let body = body::receive(&call.headers, body).await?;
    let command = body::command(rule, &body)?;
    let to = target(rule, &command, id)?;
    let key = match &to {
        Target::New => None,
        Target::This(key) | Target::ThisOrNew(key) => Some(key),
    };
    let (method, template) = resource.address(rule).unwrap_or((Method::POST, String::new()));
    let route = format!("{method} {template}");
    let key = idempotency::key(call, &by, &route, (key, &rule.write(&command)))?;
    let (context, name) = (resource.context(front.system()).name, rule.command.name);
    Ok(Order { context, name, to, command, by, key, trace, see_through })
}

fn target(rule: &Rule, command: &Command, id: Option<Key>) -> Result<Target, Failure> {
    match (&rule.verb, id) {
        (Some(Verb::Put(_)), Some(id)) => Ok(Target::This(id)),
        (Some(Verb::PostTo(key)), _) => {
            let unnamed = || Failure::fault(format!("{} names nobody", rule.command.name));
            key(command).map(Target::ThisOrNew).ok_or_else(unnamed)
        }
        _ => Ok(Target::New),
    }
}

/// How long the caller wants to wait: `Prefer: wait=5`.
fn patience(call: &Call) -> Result<Option<Duration>, Problem> {
    let mut wanted = call.header("Prefer")?.unwrap_or_default().split(',');
    let Some(wait) = wanted.find_map(|it| it.trim().strip_prefix("wait=")) else {
        return Ok(None);
    };
    if let Ok(seconds @ 0..=WAIT_MAX) = wait.parse() {
        return Ok(Some(Duration::from_secs(seconds)));
    }
    let ko = format!("wait는 0에서 {WAIT_MAX} 사이의 초여야 해요.");
    let en = format!("wait must be 0 to {WAIT_MAX} seconds.");
    let wrong = Violation::new(Place::Header, "Prefer", "range", (&ko, &en));
    Err(wrong.with("min", 0).with("max", WAIT_MAX).into())
}

/// A W3C trace context that goes on here; one that is none is left behind, as it says itself.
fn trace(call: &Call) -> Result<Option<Arc<str>>, Problem> {
    let Some(text) = call.header("traceparent")? else { return Ok(None) };
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    let is_hex = text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit());
    Ok((lengths == [2, 32, 16, 2] && is_hex).then(|| text.into()))
}

fn said(
    showing: &Showing<'_>,
    tongue: Tongue,
    told: &Told,
    begins: bool,
) -> Result<Response, Failure> {
    let number = told.of.number;
    let stored = told.row.as_ref().map_or(&b"{}"[..], |shown| &shown.row);
    let show = if begins { Showing::begun } else { Showing::row };
    let mut row = show(showing, number, stored)?;
    let pending = told.outcome == Settlement::Pending;
    let status = match (pending, begins) {
        (true, _) => StatusCode::ACCEPTED,
        (_, true) => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    if pending {
        row.pop();
        row.push_str(match tongue {
            Tongue::Korean => r#","statusText":"처리하고 있어요. 잠시 뒤 다시 확인해 주세요."}"#,
            Tongue::English => r#","statusText":"This is being seen to; please look again soon."}"#,
        });
    }
    let mut answer = answer::told(status, row);
    if begins {
        answer::put(&mut answer, "location", &format!("{}/{number}", showing.href()));
    } else if pending {
        answer::put(&mut answer, "content-location", &format!("{}/{number}", showing.href()));
    }
    if pending {
        answer::put(&mut answer, "retry-after", "1");
    }
    if told.again {
        answer::put(&mut answer, "idempotent-replayed", "true");
    }
    let (context, position) = told.seen;
    answer::put(&mut answer, freshness::TOKEN, &format!("{context}:{position}"));
    Ok(answer)
}

//! Deliveries that took a path of their own: seen, tried again, given up.

use axum::response::Response;
use kernel::{Actor, Context, Sentence};
use runtime::{
    Failure,
    store::{Delivery, DeliveryKey},
};
use serde_json::{Value, json, value::RawValue};

use super::text;
use crate::{
    answer, body,
    call::Call,
    front::Front,
    moment,
    problem::{Place, Problem, Violation},
    rows::Members,
};

const STAGES: [&str; 5] = ["waiting", "failed", "parked", "refused", "abandoned"];
const REASON_MAX: usize = 500;

/// How many are listed, unless somebody says otherwise; and at the most.
const LIMIT: (u64, u64) = (200, 1_000);

/// Those of one context, or of all; in one stage, or in any.
///
/// # Errors
///
/// When the query is not right.
pub fn list(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&["context", "stage", "limit"])?;
    let stage = call.query.get("stage");
    if stage.is_some_and(|stage| !STAGES.contains(&stage)) {
        return Err(Violation::one_of(Place::Query, "stage", &STAGES).into());
    }
    let limit = call.query.number("limit", 1, LIMIT.1)?.unwrap_or(LIMIT.0);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let contexts = match call.query.get("context") {
        Some(name) => vec![context(front, Place::Query, name)?],
        None => front.system().contexts.iter().collect(),
    };
    let mut deliveries = Vec::new();
    for context in contexts {
        let found = front.rest.runtime.deliveries(context.name, stage, limit)?;
        deliveries.extend(found.iter().map(|it| shown(context.name, it)));
    }
    Ok(answer::json(&json!({ "deliveries": deliveries })))
}

/// Tries one again.
///
/// # Errors
///
/// When it was not put aside.
pub async fn replay(front: &Front, by: &Actor, sent: &[u8]) -> Result<Response, Problem> {
    let wanted = Wanted::read(front, sent, false)?;
    let Wanted { context, key, reason } = &wanted;
    let count = front.rest.runtime.replay(context, key.clone()).await?;
    tracing::info!(by = %by.role, context, subscription = %key.subscription, reason, "replayed");
    wanted.answer("replayed", count, by)
}

/// Gives one up.
///
/// # Errors
///
/// When it was not put aside, or no reason is given.
pub async fn abandon(front: &Front, by: &Actor, sent: &[u8]) -> Result<Response, Problem> {
    let wanted = Wanted::read(front, sent, true)?;
    let Wanted { context, key, reason } = &wanted;
    let said = format!("{}: {reason}", by.name);
    let said = Sentence::new(said.clone(), said);
    let count = front.rest.runtime.abandon(context, key.clone(), said).await?;
    tracing::info!(by = %by.role, context, subscription = %key.subscription, reason, "abandoned");
    wanted.answer("abandoned", count, by)
}

/// Which one, and why.
struct Wanted {
    context: &'static str,
    key: DeliveryKey,
    reason: String,
}

impl Wanted {
    fn read(front: &Front, sent: &[u8], needs_reason: bool) -> Result<Self, Problem> {
        let known = ["context", "subscription", "source", "position", "reason"];
        let members = body::plain(sent, &known)?;
        let mut wrong = Vec::new();
        let names = ["context", "subscription", "source"];
        let [to, subscription, from] = names.map(|name| text(&members, name, &mut wrong));
        let has_reason = needs_reason || members.0.iter().any(|(name, _)| name == "reason");
        let reason = if has_reason { text(&members, "reason", &mut wrong) } else { String::new() };
        if reason.chars().count() > REASON_MAX || reason.chars().any(char::is_control) {
            let ko = format!("제어 문자 없이 {REASON_MAX}자까지 쓸 수 있어요.");
            let en = format!("may have {REASON_MAX} characters, none of them control characters.");
            wrong.push(Violation::new(Place::Body, "reason", "max-length", (&ko, &en)));
        }
        let position = position(&members).map_err(|it| wrong.push(it)).unwrap_or_default();
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
        let source = context(front, Place::Body, &from)
            .map_err(|_| Problem::from(unknown_context(front, Place::Body, "source")))?
            .name;
        let context = context(front, Place::Body, &to)?.name;
        let key = DeliveryKey { subscription: subscription.into(), source, position };
        Ok(Self { context, key, reason })
    }

    fn answer(&self, done: &str, count: usize, by: &Actor) -> Result<Response, Problem> {
        let DeliveryKey { subscription, source, position } = &self.key;
        if count == 0 {
            let what = format!("delivery of {source}:{position} to {subscription}");
            return Err(Failure::Unknown { what }.into());
        }
        let mut said = json!({
            "context": self.context,
            "subscription": **subscription,
            "source": source,
            "position": position,
            "by": { "name": *by.name, "role": *by.role },
        });
        said[done] = count.into();
        Ok(answer::json(&said))
    }
}

fn position(members: &Members<'_>) -> Result<u64, Violation> {
    let raw: Option<&RawValue> =
        members.0.iter().find(|(name, _)| name == "position").map(|(_, raw)| *raw);
    let number = raw.and_then(|raw| raw.get().trim_matches('"').parse().ok());
    number.filter(|it| *it > 0).ok_or_else(|| {
        let sentences = ("1 이상의 정수여야 해요.", "must be a positive whole number.");
        Violation::new(Place::Body, "position", "range", sentences).with("min", 1)
    })
}

fn context<'a>(front: &'a Front, place: Place, name: &str) -> Result<&'a Context, Problem> {
    let found = front.system().context(name);
    found.ok_or_else(|| unknown_context(front, place, "context").into())
}

fn unknown_context(front: &Front, place: Place, field: &str) -> Violation {
    let names: Vec<_> = front.system().contexts.iter().map(|it| it.name).collect();
    Violation::one_of(place, field, &names)
}

fn shown(context: &str, delivery: &Delivery) -> Value {
    let Delivery { key, case, stage, attempts, since, reason } = delivery;
    // What waits behind another has no time of its own.
    let due = stage.due().filter(|due| due.0 < i64::MAX / 2);
    json!({
        "context": context,
        "subscription": *key.subscription,
        "source": key.source,
        "position": key.position,
        "case": case.to_string(),
        "stage": stage.name(),
        "attempts": attempts,
        "since": moment::rfc3339(since.0),
        "due": due.map(|due| moment::rfc3339(due.0)),
        "reason": reason,
    })
}

//! What has happened, of one case or of all, in all contexts.

use std::{collections::BTreeMap, sync::Arc};

use axum::response::Response;
use futures_util::future::select_all;
use kernel::Case;
use serde_json::{Value, json};
use tokio::{sync::watch, time::sleep};

use super::journal::{Journals, shown};
use crate::{
    answer,
    call::Call,
    freshness,
    front::Front,
    problem::{Place, Problem, Violation},
    resources::Form,
    sse::{self, Message, SILENCE_MAX},
};

/// How many events are told, unless somebody says otherwise; and at the most.
const LIMIT: (u64, u64) = (100, 1_000);

/// What has happened; or, as a stream, what happens.
///
/// # Errors
///
/// When the query is not right, or a journal cannot be read.
pub fn show(front: &Arc<Front>, call: &Call) -> Result<Response, Problem> {
    call.query.only(&["context", "case", "after", "limit"])?;
    let limit = call.query.number("limit", 1, LIMIT.1)?.unwrap_or(LIMIT.0);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut journals = Journals::of(front, only(front, call)?, case(front, call)?);
    let is_live = Form::of(&call.headers) == Form::Live;
    let last = call.header("Last-Event-ID")?.filter(|text| is_live && !text.is_empty());
    let after = match (last, call.query.get("after")) {
        (Some(last), _) => Some(freshness::read(&front.rest.runtime, "Last-Event-ID", last)?),
        (None, Some(after)) => Some(freshness::read(&front.rest.runtime, "after", after)?),
        (None, None) => None,
    };
    match after {
        Some(after) => journals.go_to(&after),
        None if is_live && journals.case.is_none() => journals.go_to_the_end(front)?,
        None => {}
    }
    if is_live {
        let heads = journals.heads(front)?;
        let first = Message::beginning(&journals.positions());
        let feed = Follow { front: Arc::clone(front), journals, heads, first };
        return Ok(sse::streamed(feed, Follow::next));
    }
    let events = journals.next(front, limit)?;
    let told: Vec<Value> = events.iter().map(|event| shown(front, event)).collect();
    Ok(answer::json(&json!({ "events": told, "next": journals.positions() })))
}

/// One context, if only one is wanted.
fn only(front: &Front, call: &Call) -> Result<Option<&'static str>, Problem> {
    let Some(name) = call.query.get("context") else { return Ok(None) };
    if let Some(context) = front.system().context(name) {
        return Ok(Some(context.name));
    }
    let names: Vec<_> = front.system().contexts.iter().map(|it| it.name).collect();
    Err(Violation::one_of(Place::Query, "context", &names).into())
}

fn case(front: &Front, call: &Call) -> Result<Option<Case>, Problem> {
    let text = call.query.get("case");
    Ok(text.map(|text| read_case(front, Place::Query, text)).transpose()?)
}

/// `request/1`, or `1` for the kind of thing the customer's journey begins with.
///
/// # Errors
///
/// When it is something else.
pub fn read_case(front: &Front, place: Place, text: &str) -> Result<Case, Violation> {
    let runtime = &front.rest.runtime;
    let (kind, number) = text.split_once('/').unwrap_or((runtime.begins_with(), text));
    let systems = [runtime.system(), runtime.away()];
    let mut aggregates =
        systems.into_iter().flat_map(|it| &it.contexts).flat_map(|it| &it.aggregates);
    let kind = aggregates.find(|it| it.name == kind);
    let digits = number.bytes().all(|it| it.is_ascii_digit());
    match (kind, number.parse()) {
        (Some(kind), Ok(number)) if digits && number > 0 => Ok(Case { kind: kind.name, number }),
        _ => {
            let sentences =
                ("`종류/번호` 또는 번호여야 해요.", "must be `kind/number`, or a number.");
            Err(Violation::new(place, "case", "format", sentences))
        }
    }
}

/// Follows what happens.
struct Follow {
    front: Arc<Front>,
    journals: Journals,
    heads: BTreeMap<&'static str, watch::Receiver<u64>>,
    first: String,
}

impl Follow {
    async fn next(mut self) -> Option<(String, Self)> {
        if !self.first.is_empty() {
            return Some((std::mem::take(&mut self.first), self));
        }
        loop {
            // What comes from now on is heard below, whatever is found here.
            self.heads.values_mut().for_each(watch::Receiver::mark_unchanged);
            let limit = usize::try_from(LIMIT.0).unwrap_or(usize::MAX);
            let mut text = String::new();
            match self.journals.one_by_one(&self.front, limit) {
                Ok(events) => {
                    for (event, id) in events {
                        let data = shown(&self.front, &event).to_string();
                        Message { id: &id, event: "event", data: &data }.write(&mut text);
                    }
                }
                Err(failure) => {
                    tracing::error!(story = failure.story(), "a stream of events broke off");
                    return None;
                }
            }
            if !text.is_empty() {
                return Some((text, self));
            }
            let heads = self.heads.values_mut().map(|it| Box::pin(it.changed()));
            let happens = tokio::select! {
                biased;
                () = self.front.rest.draining() => return None,
                (changed, ..) = select_all(heads) => changed.ok().map(|()| true)?,
                () = sleep(SILENCE_MAX) => false,
            };
            if !happens {
                return Some((Message::nothing(), self));
            }
        }
    }
}

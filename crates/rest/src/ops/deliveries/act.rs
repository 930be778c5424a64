//! Trying deliveries again, or giving them up: one, or many in their order.

use std::time::Duration;

use axum::response::Response;
use kernel::Actor;
use runtime::{
    Came, Failure,
    store::{Deed, Stage},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    filter::{FIELDS, Filter, Found, by_id, id},
    foreseen,
    show::shown,
};
use crate::{
    answer, body,
    call::Call,
    front::Front,
    ops::text,
    problem::{Place, Problem, Violation},
    rows::Members,
};

const REASON_MAX: usize = 500;
/// How many a second, unless somebody says otherwise; and at the most.
const PER_SECOND: (u64, u64) = (50, 1_000);
/// How many in one request, at the most.
const LIMIT: u64 = 1_000;
/// How long one request works; whoever asked goes on with what is left.
const AT_MOST: Duration = Duration::from_secs(20);
/// What stands in a body beside which deliveries are meant.
const MORE: [&str; 5] = ["reason", "perSecond", "keepGoing", "limit", "after"];

/// What is to be done, to which, and how.
struct Wanted {
    deed: Deed,
    filter: Filter,
    why: String,
    per_second: u64,
    keep_going: bool,
    limit: usize,
    /// Only what comes after this one.
    after: Option<String>,
}

/// How far it went.
#[derive(Default)]
struct Tally {
    count: usize,
    done: usize,
    refused: usize,
    failed: Vec<Value>,
    /// The last one that something was done about.
    last: Option<String>,
    stopped: Option<Value>,
}

/// Does it; or, with `?dry=true`, says what would come of it.
///
/// # Errors
///
/// When it is not said as it should be, or there is nothing to do it to.
pub async fn act(
    front: &Front,
    call: &Call,
    (deed, by): (Deed, &Actor),
    sent: &[u8],
) -> Result<Response, Problem> {
    call.query.only(&["dry"])?;
    let dry = match call.query.get("dry") {
        None | Some("false") => false,
        Some("" | "true") => true,
        Some(_) => return Err(Violation::one_of(Place::Query, "dry", &["true", "false"]).into()),
    };
    let wanted = Wanted::read(front, deed, dry, sent)?;
    let found = wanted.find(front)?;
    if let (Some((context, key)), true) = (wanted.filter.one(), found.is_empty()) {
        let what = format!("delivery {} that this could be done to", id(context, &key));
        return Err(Failure::Unknown { what }.into());
    }
    if dry { wanted.foresee(front, &found).await } else { wanted.do_it(front, by, &found).await }
}

impl Wanted {
    fn read(front: &Front, deed: Deed, dry: bool, sent: &[u8]) -> Result<Self, Problem> {
        let members = body::plain(sent, &[&FIELDS[..], &MORE].concat())?;
        let has = |name: &str| members.0.iter().any(|(it, _)| it == name);
        let mut wrong = Vec::new();
        for name in FIELDS.into_iter().chain(["reason", "after"]) {
            if has(name) && name != "position" {
                text(&members, name, &mut wrong);
            }
        }
        let said = |name: &str| match name {
            "position" => number(&members, name),
            _ => members.text(name).map(|it| it.trim().to_owned()),
        };
        let filter = Filter::read(front, Place::Body, said)
            .map_err(|more| wrong.extend(more))
            .unwrap_or_default();
        let needs_reason = !dry && (deed == Deed::Abandon || filter.one().is_none());
        let why = if needs_reason && !has("reason") {
            text(&members, "reason", &mut wrong)
        } else {
            said("reason").unwrap_or_default()
        };
        if why.chars().count() > REASON_MAX || why.chars().any(char::is_control) {
            let ko = format!("제어 문자 없이 {REASON_MAX}자까지 쓸 수 있어요.");
            let en = format!("may have {REASON_MAX} characters, none of them control characters.");
            wrong.push(Violation::new(Place::Body, "reason", "max-length", (&ko, &en)));
        }
        let mut between = |name: &str, (usual, most): (u64, u64)| {
            let given = number(&members, name).map(|it| it.parse());
            match given {
                None => usual,
                Some(Ok(number)) if (1..=most).contains(&number) => number,
                Some(_) => {
                    let ko = format!("1에서 {most} 사이의 정수여야 해요.");
                    let en = format!("must be a whole number from 1 to {most}.");
                    wrong.push(Violation::new(Place::Body, name, "range", (&ko, &en)));
                    usual
                }
            }
        };
        let per_second = between("perSecond", PER_SECOND);
        let limit = between("limit", (LIMIT, LIMIT));
        let after = said("after");
        if let Some(after) = &after {
            by_id(front, Place::Body, after)?;
        }
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
        let keep_going = number(&members, "keepGoing").is_some_and(|it| it == "true");
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Self { deed, filter, why, per_second, keep_going, limit, after })
    }

    /// In order of position for each subscription.
    fn find(&self, front: &Front) -> Result<Vec<Found>, Problem> {
        let mut filter = self.filter.clone();
        if filter.stage.is_none() && filter.one().is_none() {
            filter.stage = Some(Stage::Parked.name().to_owned());
        }
        let can = |it: &Found| match self.deed {
            Deed::Replay => matches!(it.1.stage, Stage::Failed { .. } | Stage::Parked),
            Deed::Abandon => it.1.stage.holds_up(),
        };
        let mut found: Vec<_> = filter.find(front)?.into_iter().filter(can).collect();
        if let Some(after) = &self.after {
            let (context, key) = by_id(front, Place::Body, after)?;
            let contexts = front.system().contexts.iter().map(|it| it.name);
            let places: Vec<_> = contexts.collect();
            let place = |name: &str| places.iter().position(|it| *it == name);
            let at = (place(context), key.subscription, key.position, key.source);
            found.retain(|(context, it)| {
                let key = it.key.clone();
                (place(context), key.subscription, key.position, key.source) > at
            });
        }
        Ok(found)
    }

    async fn foresee(&self, front: &Front, found: &[Found]) -> Result<Response, Problem> {
        let mut all = Vec::new();
        for (context, delivery) in found.iter().take(self.limit) {
            let mut said = shown(context, delivery);
            let around = front.rest.runtime.whereabouts(context, &delivery.key).await?;
            said["behind"] = json!(around.behind.map(|it| format!("{}:{it}", delivery.key.source)));
            said["waitingBehind"] = json!(around.waiting);
            if self.deed == Deed::Replay {
                let would = front.rest.runtime.foresee(context, &delivery.key).await?;
                said["would"] = foreseen::would(front, &would);
            }
            all.push(said);
        }
        let left = found.len() - all.len();
        let deed = self.deed.name();
        Ok(answer::json(&json!({ "dry": true, "deed": deed, "deliveries": all, "left": left })))
    }

    async fn do_it(&self, front: &Front, by: &Actor, found: &[Found]) -> Result<Response, Problem> {
        let (began, mut tally) = (Instant::now(), Tally::default());
        let pause = Duration::from_secs(1) / u32::try_from(self.per_second).unwrap_or(1);
        for (context, delivery) in found.iter().take(self.limit) {
            if tally.count > 0 {
                sleep(pause).await;
            }
            if tally.stopped.is_some() || began.elapsed() > AT_MOST {
                break;
            }
            let (runtime, key) = (&front.rest.runtime, delivery.key.clone());
            let came = match self.deed {
                Deed::Replay => runtime.replay(context, key, by.clone(), &self.why).await,
                Deed::Abandon => runtime.abandon(context, key, by.clone(), &self.why).await,
            };
            let came = match came {
                Err(failure) if tally.count == 0 => return Err(failure.into()),
                came => came,
            };
            tally.take(&id(context, &delivery.key), came);
            if self.keep_going {
                tally.stopped = None;
            }
        }
        let (deed, why) = (self.deed.name(), &self.why);
        let Tally { count, done, refused, failed, last, stopped } = tally;
        tracing::info!(by = %by.name, deed, why, count, "an operator acted");
        let left = found.len() - count;
        let verb = if self.deed == Deed::Replay { "replayed" } else { "abandoned" };
        Ok(answer::json(&json!({
            verb: count,
            "done": done,
            "refused": refused,
            "failed": failed,
            "stopped": stopped,
            "left": left,
            "next": last.filter(|_| left > 0),
            "by": { "name": *by.name, "role": *by.role },
        })))
    }
}

impl Tally {
    fn take(&mut self, id: &str, came: Result<Came, Failure>) {
        self.count += 1;
        self.last = Some(id.to_owned());
        let failed = match came {
            Ok(Came::Done | Came::Abandoned | Came::Nothing) => {
                self.done += 1;
                return;
            }
            Ok(Came::Refused(_)) => {
                self.refused += 1;
                return;
            }
            Ok(Came::Failed(it)) => json!({ "stage": it.stage.name(), "reason": it.reason }),
            Ok(Came::Behind(first)) => {
                let ko = format!("같은 건의 앞선 전달({first}번)을 기다려요");
                let en = format!("it waits for the delivery of event {first} of its case");
                json!({ "stage": "failed", "reason": { "ko": ko, "en": en } })
            }
            Ok(Came::NotYet(reason)) => json!({ "stage": "failed", "reason": reason }),
            Err(failure) => {
                let story = failure.story();
                json!({ "stage": "unknown", "reason": { "ko": story, "en": story } })
            }
        };
        let mut failed = failed;
        failed["id"] = id.into();
        self.failed.push(failed.clone());
        self.stopped = Some(failed);
    }
}

/// What stands there that is no text, as it is written; or the text.
fn number(members: &Members<'_>, name: &str) -> Option<String> {
    let (_, raw) = members.0.iter().find(|(it, _)| it == name)?;
    Some(raw.get().trim_matches('"').to_owned())
}

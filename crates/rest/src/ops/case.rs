//! One case, in sentences: what happened, what remains, whom it waits for and
//! until when.

use axum::response::Response;
use kernel::{Case, Event, Sentence};
use runtime::{Failure, Remaining, ToDo, Waits};
use serde_json::{Value, json};

use super::{
    deliveries,
    journal::{Journals, note, shown},
};
use crate::{answer, call::Call, front::Front, moment, problem::Problem};

/// How many events of one case are told.
const MOST: usize = 10_000;

/// One case, by the number or the name of something in it, with its kind or without.
///
/// # Errors
///
/// When there is none, or a journal cannot be read.
pub async fn show(front: &Front, call: &Call) -> Result<Response, Problem> {
    call.query.only(&[])?;
    let (kind, id) = match call.param.split_once('/') {
        Some((kind, id)) => (Some(kind), id),
        None => (None, call.param.as_str()),
    };
    let case = front.rest.runtime.case_of(kind, id)?;
    Ok(answer::json(&told(front, case).await?))
}

async fn told(front: &Front, case: Case) -> Result<Value, Failure> {
    let events = Journals::of(front, None, Some(case)).next(front, MOST)?;
    let remains = front.rest.runtime.remains(case).await?;
    let known = with_those_elsewhere(front, case, &events).await;
    let happened: Vec<_> = events
        .iter()
        .map(|event| {
            let mut said = shown(front, event);
            said["sentence"] = json!(sentence(front, event, &known));
            said
        })
        .collect();
    let remaining: Vec<_> = remains
        .iter()
        .map(|it| {
            let mut said = match &it.aside {
                Some(delivery) => deliveries::shown(it.context, delivery),
                None => json!({
                    "context": it.context,
                    "subscription": *it.key.subscription,
                    "source": it.key.source,
                    "position": it.key.position,
                    "stage": "new",
                }),
            };
            said["event"] = it.event.into();
            said["waitsFor"] = waits_for(it);
            said["sentence"] = json!(still(it));
            said
        })
        .collect();
    let parked = remains.iter().filter(|it| it.waits == Waits::Operator).count();
    Ok(json!({
        "case": case.to_string(),
        "events": happened,
        "remains": remaining,
        "sentence": summary(events.len(), remains.len(), parked),
    }))
}

/// With what other contexts say of the case, so that causes can be named; who is
/// away now leaves theirs unnamed.
async fn with_those_elsewhere(front: &Front, case: Case, here: &[Event]) -> Vec<Event> {
    let mut all = here.to_vec();
    for context in &front.rest.runtime.away().contexts {
        let events = front.rest.runtime.events_of_case(context.name, case).await;
        all.extend(events.unwrap_or_default());
    }
    all
}

/// What happened, by whom, because of what.
fn sentence(front: &Front, event: &Event, all: &[Event]) -> Sentence {
    let what = match note(front, event) {
        Some(note) => note.sentence(),
        None => Sentence::new(event.name, event.name),
    };
    let (name, role) = (&event.by.name, &event.by.role);
    let Some((context, position)) = event.cause.event else {
        let roles = front.system().roles();
        let korean = roles.iter().find(|it| *it.name == **role).map_or(&**role, |it| it.korean);
        let who = if *korean == **name { korean.to_owned() } else { format!("{korean} {name}") };
        let ko = format!("{} ({who}, {}의 {})", what.ko, event.context, event.cause.command);
        let en =
            format!("{} ({name}, {role}: {} in {})", what.en, event.cause.command, event.context);
        return Sentence::new(ko, en);
    };
    let cause = all.iter().find(|it| it.context == context && it.position == position);
    let cause = cause.map_or_else(|| format!("{context}:{position}"), |it| it.name.to_owned());
    let ko = format!(
        "{} ({context}의 {cause} 때문에, {}의 {})",
        what.ko, event.context, event.cause.command
    );
    let en = format!(
        "{} ({} in {}, because of {cause} in {context})",
        what.en, event.cause.command, event.context
    );
    Sentence::new(ko, en)
}

/// What is to be done, how it stands, and what it waits for.
fn still(it: &Remaining) -> Sentence {
    let (to, source) = (it.context, it.key.source);
    let mut said = match it.todo {
        ToDo::Give(command) => Sentence::new(
            format!("{source}의 {} 다음에 {to}에서 {command} 할 차례예요.", it.event),
            format!("After {} in {source}, {to} has still to decide {command}.", it.event),
        ),
        ToDo::Wish(outside, wish) => Sentence::new(
            format!(
                "{source}의 {} 다음에 {to}에서 {outside} 쪽에 {wish} 부탁할 차례예요.",
                it.event
            ),
            format!("After {} in {source}, {to} has still to ask {outside} for {wish}.", it.event),
        ),
        ToDo::Show(view) => Sentence::new(
            format!("{source}의 {} 이벤트를 {to}의 {view} 화면에 보여 줄 차례예요.", it.event),
            format!("{to} has still to show {} of {source} in {view}.", it.event),
        ),
    };
    if let Some(delivery) = it.aside.as_ref().filter(|it| it.attempts > 0) {
        let (times, reason) = (delivery.attempts, delivery.reason.as_ref());
        let (ko, en) = reason.map_or(("", ""), |reason| (&reason.ko, &reason.en));
        let tried = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        said = Sentence::new(
            format!("{} {times}번 해 봤지만 안 됐어요: {ko}.", said.ko),
            format!("{} Tried {tried}, and it failed: {en}.", said.en),
        );
    }
    let (ko, en) = match it.waits {
        Waits::Nothing => ("곧 해요.".to_owned(), "It is about to be done.".to_owned()),
        Waits::Before(first) => (
            format!("먼저 {source}의 {first}번 이벤트가 처리돼야 해요."),
            format!("Event {first} of {source} comes first."),
        ),
        Waits::Day(day) => (
            format!("{}까지 기다려요.", moment::short(day.0)),
            format!("It waits until {}.", moment::short(day.0)),
        ),
        Waits::Somebody(who, None) => {
            (format!("{who} 쪽이 돌아오기를 기다려요."), format!("It waits until {who} is back."))
        }
        Waits::Somebody(who, Some(next)) => {
            let next = moment::rfc3339(next.0);
            let next = next[..19].replace('T', " ");
            (
                format!("{who} 쪽을 기다려요. 다음 시도는 {next}예요."),
                format!("It waits for {who}; the next try is at {next}."),
            )
        }
        Waits::Operator => (
            "운영자가 정할 때까지 멈춰 있어요.".to_owned(),
            "It waits until an operator decides.".to_owned(),
        ),
    };
    Sentence::new(format!("{} {ko}", said.ko), format!("{} {en}", said.en))
}

fn waits_for(it: &Remaining) -> Value {
    match it.waits {
        Waits::Nothing => Value::Null,
        Waits::Before(first) => json!({ "event": format!("{}:{first}", it.key.source) }),
        Waits::Day(day) => json!({ "until": moment::rfc3339(day.0) }),
        Waits::Somebody(who, next) => {
            json!({ "who": who, "until": next.map(|it| moment::rfc3339(it.0)) })
        }
        Waits::Operator => json!({ "who": "operator" }),
    }
}

/// A whole case in one sentence: so many events, so much left to be done, and of
/// that so much for an operator to decide.
#[must_use]
pub fn summary(happened: usize, left: usize, parked: usize) -> Sentence {
    match (left, parked) {
        (0, _) => Sentence::new(
            format!("이벤트 {happened}개. 남은 일이 없어요."),
            format!("{}; nothing remains to be done.", counted(happened, "event")),
        ),
        (_, 0) => Sentence::new(
            format!("이벤트 {happened}개. 남은 일 {left}개는 저절로 진행돼요."),
            format!("{}; what remains goes on by itself: {left}.", counted(happened, "event")),
        ),
        _ => Sentence::new(
            format!("이벤트 {happened}개. 남은 일 {left}개 가운데 {parked}개는 운영자를 기다려요."),
            format!(
                "{}; {} to be done, {parked} of which for an operator to decide.",
                counted(happened, "event"),
                counted(left, "thing"),
            ),
        ),
    }
}

fn counted(count: usize, of: &str) -> String {
    if count == 1 { format!("1 {of}") } else { format!("{count} {of}s") }
}

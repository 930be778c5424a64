//! Every request has come to a good end, and its part and its money with it.

use kernel::{Case, Event};
use runtime::store::Store;
use serde_json::{Value, from_slice};

use super::Wrong;
use crate::{
    laws::{B1A, B1B, B1C, B1D, U9},
    world::World,
};

/// Every request has settled, and only in ways that make sense.
pub fn end_well(world: &World) -> Result<(), Wrong> {
    let requests = world.witness.lock().count("request");
    (1..=requests).try_for_each(|number| ends_well(world, number))
}

fn ends_well(world: &World, number: u64) -> Result<(), Wrong> {
    let case = Case { kind: "request", number };
    let wrong = |law, what: String| Err((law, Some(case), format!("request {number}: {what}")));
    let status = |view, context| row(world, context, view, number)["status"].clone();
    let (request, job) = (status("requests", "request"), status("services", "service"));
    let pay = status("pays", "payment");
    if !matches!(request.as_str(), Some("REQUESTED" | "CANCELED")) {
        return wrong(&B1B, format!("is {request}"));
    }
    if (request == "CANCELED") != (job == "CANCELED") || job.is_null() {
        return wrong(&B1B, format!("is {request}, and its job is {job}"));
    }
    if !state(world, "service", "job", number)["Waiting"]["pending"].is_null() {
        return wrong(&B1B, "an acceptance waits for ever".into());
    }
    let owed = matches!(job.as_str(), Some("REPAIRED" | "PAID"));
    if owed == pay.is_null() || (job == "PAID") != (pay == "PAID") || pay == "PENDING" {
        return wrong(&B1D, format!("its job is {job}, and its payment {pay}"));
    }
    let count = |context, name| events(world, context, name, number).len();
    let once = [
        ("service", "JobOpened"),
        ("service", "AsAccepted"),
        ("service", "AsCanceled"),
        ("service", "Repaired"),
        ("service", "JobPaid"),
        ("service", "BecameReceivable"),
        ("payment", "Paid"),
        ("stock", "PartsReserved"),
        ("stock", "PartsReleased"),
        ("stock", "PartsConsumed"),
    ];
    for (context, name) in once {
        if count(context, name) > 1 {
            return wrong(&B1B, format!("{name} comes {} times", count(context, name)));
        }
    }
    if count("service", "JobOpened") == 0 && job != "CANCELED" {
        return wrong(&B1B, "its job was never opened".into());
    }
    if count("service", "Repaired") == 1 && count("service", "AsCanceled") == 1 {
        return wrong(&B1B, "was repaired and canceled".into());
    }
    let answers = count("request", "CancelDenied") + count("request", "ServiceCanceled");
    if count("request", "CancelAsked") != answers {
        return wrong(&B1B, "a cancel was not answered once".into());
    }
    accepted_with_a_part(world, number)
}

/// A job is accepted because a part was held for it, and for no other reason.
fn accepted_with_a_part(world: &World, number: u64) -> Result<(), Wrong> {
    let stock = world.witness.lock().journals["stock"].clone();
    for accepted in events(world, "service", "AsAccepted", number) {
        let at = accepted.cause.event.filter(|(context, _)| *context == "stock");
        let index = at.and_then(|(_, position)| usize::try_from(position - 1).ok());
        let cause = index.and_then(|index| stock.get(index));
        if cause.is_none_or(|it| it.name != "PartsReserved" || about(it) != number) {
            return Err((&B1A, Some(accepted.case), "was accepted without a part".into()));
        }
    }
    Ok(())
}

/// Parts are held for accepted jobs only, and used up for repaired ones only.
pub fn parts(world: &World) -> Result<(), Wrong> {
    let requests = world.witness.lock().count("request");
    let mut jobs = Vec::new();
    for number in 1..=requests {
        jobs.push((number, row(world, "service", "services", number)["status"].clone()));
    }
    let witness = world.witness.lock();
    for (number, job) in jobs {
        let case = Some(Case { kind: "request", number });
        let held = witness.shelves.0.values().filter(|it| it.held.contains(&number)).count();
        let used = witness.shelves.0.values().filter(|it| it.consumed.contains(&number)).count();
        let should = match job.as_str() {
            Some("ACCEPTED") => (1, 0),
            Some("REPAIRED" | "PAID") => (0, 1),
            _ => (0, 0),
        };
        if (held, used) != should {
            return Err((&B1C, case, format!("its job is {job}, {held} held, {used} used up")));
        }
    }
    for (number, shelf) in &witness.shelves.0 {
        let part = row(world, "stock", "stocks", *number);
        let held = shelf.held.len() as u64;
        let seen = [&part["available"], &part["reserved"], &part["stock"]].map(Value::as_u64);
        if seen != [shelf.available, held, shelf.available + held].map(Some) {
            return Err((&U9, None, format!("{part} is not {shelf:?}")));
        }
    }
    Ok(())
}

/// What happened in a context to this request, by name.
pub fn events(world: &World, context: &str, name: &str, number: u64) -> Vec<Event> {
    let witness = world.witness.lock();
    let own = |it: &&Event| it.name == name && about(it) == number;
    witness.journals[context].iter().filter(own).cloned().collect()
}

/// The request an event is about.
fn about(event: &Event) -> u64 {
    match event.of.kind {
        "part" => {
            from_slice::<Value>(&event.body).unwrap_or_default()["request"].as_u64().unwrap_or(0)
        }
        _ => event.of.number,
    }
}

/// One row, as JSON; nothing when there is none.
pub fn row(world: &World, context: &'static str, view: &'static str, number: u64) -> Value {
    let row = world.database(context).row(context, view, number);
    row.ok().flatten().and_then(|it| from_slice(&it.row).ok()).unwrap_or_default()
}

fn state(world: &World, context: &'static str, kind: &'static str, number: u64) -> Value {
    let thing = world.database(context).thing(context, kind, number);
    thing.ok().flatten().and_then(|it| from_slice(&it.state).ok()).unwrap_or_default()
}

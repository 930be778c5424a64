//! Commands and what they have left behind: nothing is lost, nothing is there twice.

use std::collections::{HashMap, HashSet};

use crate::{
    history::{Came, Deed},
    records::{Record, Records},
    report::{Finding, count},
    wish::Wish,
};

/// The events that a command from outside begins, by name and mark: how many there are.
type Effects = HashMap<(String, String), usize>;

/// What was said to be done and is not there.
pub fn lost(deeds: &[Deed], records: &Records) -> Finding {
    let effects = effects(records);
    let mut looked_at = 0;
    let mut lost = Vec::new();
    for deed in deeds {
        let expected = expected(deed);
        looked_at += usize::from(!expected.is_empty());
        if let Some((event, mark)) = expected.into_iter().find(|it| !effects.contains_key(it)) {
            lost.push(format!("{} ({}): there is no {event} of {mark}", deed.wish, deed.key));
        }
    }
    let figure = format!("{} lost of {}", count(lost.len()), count(looked_at));
    Finding::none("what was acknowledged is there", lost).with(figure).rule("U3")
}

/// How many of these are not there.
pub fn lost_count(deeds: &[Deed], records: &Records) -> usize {
    let effects = effects(records);
    let is_lost = |it: &&Deed| expected(it).iter().any(|it| !effects.contains_key(it));
    deeds.iter().filter(is_lost).count()
}

/// What was asked for under one key and was done twice.
pub fn repeated(deeds: &[Deed], records: &Records) -> Finding {
    let effects = effects(records);
    let mut twice = Vec::new();
    for deed in deeds {
        let (event, mark) = first_effect(deed);
        let times = effects.get(&(event.clone(), mark.clone())).copied().unwrap_or_default();
        if times > 1 {
            twice.push(format!("{} ({}): {times} times {event} of {mark}", deed.wish, deed.key));
        }
    }
    let figure = format!("{} done twice of {}", count(twice.len()), count(deeds.len()));
    Finding::none("one key did one thing", twice).with(figure).rule("U4")
}

/// What happened although nobody asked for it.
pub fn ghosts(deeds: &[Deed], records: &Records) -> Finding {
    ghosts_but(deeds, records, &[])
}

/// The same, where others have asked for something too: customers whose names begin so.
pub fn ghosts_but(deeds: &[Deed], records: &Records, others: &[&str]) -> Finding {
    let asked: HashSet<_> = deeds.iter().map(first_effect).collect();
    let begun = records.all().filter(|(_, it)| it.cause.is_none());
    let begun: Vec<_> = begun.map(|(_, it)| it).collect();
    // An acceptance that finds no part begins with the shortage.
    let ghosts = begun.iter().filter(|it| it.event != "PartsShort");
    let ghosts = ghosts.filter(|it| !asked.contains(&(it.event.clone(), mark(it))));
    let is_other = |it: &Record| others.iter().any(|name| mark(it).starts_with(name));
    let ghosts = ghosts.filter(|it| !is_other(it));
    let ghosts = ghosts.map(|it| format!("{} of {}", it.event, mark(it))).collect();
    Finding::each("nothing happened that nobody asked for", begun.len(), ghosts).rule("U6")
}

/// What nobody could tell the outcome of, however often it was repeated.
pub fn open(deeds: &[Deed]) -> Finding {
    let open = deeds.iter().filter(|it| it.came().is_none());
    let open = open.map(|it| format!("{} ({}): {:?}", it.wish, it.key, it.tries.last()));
    Finding::each("every outcome became known", deeds.len(), open.collect()).rule("U4")
}

/// Answers that nobody can explain: each case has one customer and one engineer, who do one
/// thing after the other, or contest it and then agree.
pub fn unexpected(deeds: &[Deed]) -> Finding {
    let canceled: HashSet<_> = deeds.iter().filter_map(canceled).collect();
    let mut wrong = Vec::new();
    for deed in deeds {
        let tries = deed.tries.iter().map(|it| &it.came);
        let faults = tries.filter(|it| matches!(it, Came::Fault(_)));
        wrong.extend(faults.map(|it| format!("{} ({}): {it:?}", deed.wish, deed.key)));
        if let Some(Came::Refused { said, status }) = deed.came() {
            let is_short = deed.came().is_some_and(Came::is_out_of_stock);
            let is_contested = matches!(&deed.wish, Wish::Accept(id) if canceled.contains(id));
            if !(is_short || is_contested && *status == 409) {
                wrong.push(format!("{} ({}): {status} {said}", deed.wish, deed.key));
            }
        }
    }
    Finding::each("every answer can be explained", deeds.len(), wrong)
}

fn canceled(deed: &Deed) -> Option<u64> {
    match deed.wish {
        Wish::Cancel(id) => Some(id),
        _ => None,
    }
}

fn effects(records: &Records) -> Effects {
    let mut effects = Effects::new();
    for (_, record) in records.all() {
        *effects.entry((record.event.clone(), mark(record))).or_default() += 1;
    }
    effects
}

/// What tells this event from all others of its name.
fn mark(record: &Record) -> String {
    match record.event.as_str() {
        "ServiceRequested" => record.body["customerName"].as_str().unwrap_or_default().to_owned(),
        "PartsReceived" => record.body["unitPrice"].to_string(),
        "AcceptanceAsked" => {
            format!(
                "{} by {}",
                record.of.1,
                record.body["engineerName"].as_str().unwrap_or("nobody")
            )
        }
        _ => record.of.1.to_string(),
    }
}

/// The event by which a command is first to be seen.
fn first_effect(deed: &Deed) -> (String, String) {
    let (event, mark) = match &deed.wish {
        Wish::Receive { price, .. } => ("PartsReceived", price.to_string()),
        Wish::Request { customer, .. } => ("ServiceRequested", customer.clone()),
        Wish::Accept(id) => ("AcceptanceAsked", format!("{id} by {}", deed.by)),
        Wish::Complete(id) => ("Repaired", id.to_string()),
        Wish::Cancel(id) => ("CancelAsked", id.to_string()),
    };
    (event.to_owned(), mark)
}

/// Every event that must be there after what was said.
fn expected(deed: &Deed) -> Vec<(String, String)> {
    let with = |event: &str, mark: String| vec![first_effect(deed), (event.to_owned(), mark)];
    match (&deed.wish, deed.ok()) {
        (Wish::Accept(id), Some(200)) => with("AsAccepted", id.to_string()),
        (Wish::Complete(id), Some(200)) => with("JobPaid", id.to_string()),
        (Wish::Cancel(id), Some(200)) => with("ServiceCanceled", id.to_string()),
        (_, Some(_)) => vec![first_effect(deed)],
        (Wish::Accept(id), None) if deed.came().is_some_and(Came::is_out_of_stock) => {
            vec![("PartsShort".to_owned(), id.to_string())]
        }
        (_, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::history::Try;

    #[test]
    fn what_is_lost_and_what_is_there_twice_is_found() {
        let deeds = [requested("Hong", 1), requested("Kim", 2)];
        let mut records = Records::default();
        records.journals.insert("request".into(), vec![event(1, "Hong"), event(2, "Hong")]);
        let text = format!("{:?}", lost(&deeds, &records));
        assert!(text.contains("no ServiceRequested of Kim") && !text.contains("of Hong"), "{text}");
        let text = format!("{:?}", repeated(&deeds, &records));
        assert!(text.contains("2 times ServiceRequested of Hong"), "{text}");
        let text = format!("{:?}", ghosts(&deeds[1..], &records));
        assert!(text.contains("ServiceRequested of Hong"), "{text}");
    }

    fn requested(customer: &str, id: u64) -> Deed {
        let wish = Wish::Request { customer: customer.into(), product: "1".into() };
        let came = Came::Ok { status: 201, replayed: false, id: Some(id) };
        let tries = vec![Try { invoked: Duration::ZERO, over: Duration::ZERO, came }];
        Deed { key: customer.into(), by: customer.into(), wish, tries }
    }

    fn event(position: u64, customer: &str) -> Record {
        Record {
            position,
            event: "ServiceRequested".into(),
            of: ("request".into(), position),
            name: None,
            version: 1,
            previous: 0,
            case: ("request".into(), position),
            command: "RequestService".into(),
            cause: None,
            body: json!({ "customerName": customer }),
        }
    }
}

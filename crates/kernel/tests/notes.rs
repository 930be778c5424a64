//! What the derive reads off a struct, and what becomes of older versions.

use std::sync::Arc;

use kernel::{
    Actor, Case, Cause, Envelope, Event, Field, Id, Json, Message, Record, Shape, Subject, Text,
    Time, Token, Whole,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub enum Visit {}

/// A visit was booked.
///
/// This paragraph is for engineers and stays off the note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(Id<Visit>)]
#[version(3, from = today)]
struct VisitBooked {
    /// Why they come.
    #[serde(alias = "reson")]
    reason: Text<1, 20>,
    party_size: Whole<1, 8>,
    #[serde(default)]
    note: Option<String>,
    #[given]
    by: Actor,
    #[given]
    #[serde(default)]
    token: Token,
}

/// Version 1 said `reson`; version 2 had no party size.
fn today(version: u32, mut body: Json) -> Option<Json> {
    let visit = body.as_object_mut()?;
    if version < 2 {
        let reason = visit.remove("reson")?;
        visit.insert("reason".into(), reason);
    }
    visit.insert("partySize".into(), json!(1));
    (1..=2).contains(&version).then_some(body)
}

#[test]
fn a_note_says_what_the_struct_says() {
    let note = VisitBooked::NOTE;
    assert_eq!((note.name, note.doc, note.version), ("VisitBooked", "A visit was booked.", 3));
    let field = |name| note.fields.iter().find(|it: &&Field| it.name == name).unwrap();
    assert_eq!(field("reason").aliases, ["reson"]);
    assert_eq!(field("reason").doc, "Why they come.");
    assert_eq!(field("reason").shape, Shape::Text { min: 1, max: 20, sample: "" });
    assert_eq!(field("partySize").shape, Shape::Whole { min: 1, max: 8 });
    assert!(field("note").optional && !field("partySize").optional);
    assert!(field("by").given && field("token").given);
    let words = "VisitBooked(reason: Text<1,20>, partySize: Whole<1,8>, note: Option<String>, ";
    assert!(note.to_string().starts_with(words), "{note}");
}

#[test]
fn a_sample_holds_only_what_must_be_sent() {
    assert_eq!(VisitBooked::NOTE.sample(), json!({ "reason": "가", "partySize": 1 }));
}

#[test]
fn given_fields_come_from_the_envelope() {
    let mut visit = booked(3, &json!({ "reason": "점심", "partySize": 2, "by": Actor::default() }));
    let by = Actor::new("문가은", "librarian");
    visit.give(&Envelope { at: Time(1), by: by.clone(), chance: 0xabc });
    assert_eq!(visit.by, by);
    assert_eq!(visit.token.as_str(), format!("{:032x}", 0xabc));
    assert!(visit.token.matches(visit.token.as_str()) && !visit.token.matches("abc"));
    assert!(!format!("{visit:?}").contains("abc"), "a token is not printed");
}

#[test]
fn every_version_that_was_ever_written_can_be_read() {
    let by = Actor::new("a", "b");
    let today = booked(3, &json!({ "reason": "점심", "partySize": 1, "by": by }));
    assert_eq!(booked(2, &json!({ "reason": "점심", "by": by })), today);
    assert_eq!(booked(1, &json!({ "reson": "점심", "by": by })), today);
}

#[test]
fn a_version_that_was_never_written_is_named() {
    let unread = event(9, &json!({ "reason": "점심" })).recorded::<VisitBooked>().unwrap_err();
    assert_eq!(unread.to_string(), "VisitBooked cannot be read");
    assert!(unread.source.to_string().contains("version 9"), "{}", unread.source);
}

#[test]
fn words_refuse_what_they_cannot_hold() {
    assert!(Text::<1, 3>::new("가나다").is_ok());
    assert_eq!(Text::<1, 3>::new("가나다라").unwrap_err(), "must have at most 3 characters");
    assert!(Text::<1, 3>::new("").is_err() && Text::<1, 3>::new("a\u{7}").is_err());
    assert!(serde_json::from_str::<Whole<0, 10>>("11").is_err());
    assert!(serde_json::from_str::<Whole<0, 10>>("\"7\"").is_err(), "a number is not a text");
}

fn booked(version: u32, body: &Json) -> VisitBooked {
    (*event(version, body).recorded::<VisitBooked>().expect("it can be read").event).clone()
}

fn event(version: u32, body: &Json) -> Event {
    let record = Record {
        context: "desk",
        position: 1,
        of: Subject { kind: "visit", number: 1, name: None },
        version: 1,
        at: Time(0),
        by: Actor::system(),
        case: Case { kind: "visit", number: 1 },
        cause: Cause { command: "BookVisit", event: None },
        trace: None,
    };
    Event::stored("VisitBooked", version, Arc::from(body.to_string().into_bytes()), record)
}

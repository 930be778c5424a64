//! What goes out comes back the same, and what is wrong is named.

use std::{collections::BTreeMap, sync::Arc};

use cloud_events::{Flaw, Names, attributes, page, partition_key, read, read_page};
use kernel::{Actor, Case, Cause, Event, Record, Subject, System, Time};

type Test = Result<(), Box<dyn std::error::Error>>;

/// One event of every kind there is, with and without what is optional.
fn all(system: &System) -> Vec<Event> {
    let mut events = Vec::new();
    for context in &system.contexts {
        for guarded in &context.aggregates {
            for note in guarded.events() {
                for extra in [false, true] {
                    let number = events.len() as u64 + 1;
                    let record = Record {
                        context: context.name,
                        position: number,
                        of: Subject {
                            kind: guarded.name,
                            number,
                            name: extra.then(|| "부품 \"A/7\" ✓".into()),
                        },
                        version: number + 3,
                        at: Time(1_763_616_600_123 + i64::try_from(number).unwrap_or(0)),
                        by: Actor { name: "김하늘, 서울".into(), role: "customer".into() },
                        case: Case { kind: guarded.name, number: number + 7 },
                        cause: Cause {
                            command: guarded.rules[0].command.name,
                            event: extra.then_some((context.name, number + 1)),
                        },
                        trace: extra.then(|| "00-4bf9-01".into()),
                    };
                    let body = r#"{"품목":"냉장고","price":120000}"#.as_bytes();
                    events.push(Event::stored(note.name, note.version, body.into(), record));
                }
            }
        }
    }
    events
}

fn same(one: &Event, other: &Event) -> bool {
    let (left, right): (&Record, &Record) = (one, other);
    left == right && (one.name, one.schema, &*one.body) == (other.name, other.schema, &*other.body)
}

#[test]
fn a_page_of_every_kind_of_event_comes_back_the_same() -> Test {
    let system = appliance_repair::system();
    let events = all(&system);
    assert!(events.len() > 20);
    let text = page(system.name, &events)?;
    let back = read_page(&Names::of(&system), &text)?;
    assert_eq!(back.len(), events.len());
    assert!(back.iter().zip(&events).all(|(one, other)| same(one, other)));
    Ok(())
}

#[test]
fn attributes_and_a_body_come_back_the_same() -> Test {
    let system = appliance_repair::system();
    let names = Names::of(&system);
    for event in all(&system) {
        let told: BTreeMap<_, _> = attributes(system.name, &event).into_iter().collect();
        assert_eq!(told["partitionkey"], partition_key(&event));
        assert!(told.keys().all(|it| it.bytes().all(|byte| byte.is_ascii_lowercase())));
        let attribute = |name| told.get(name).map(String::as_str);
        assert!(same(&read(&names, attribute, Arc::clone(&event.body))?, &event));
    }
    Ok(())
}

#[test]
fn what_is_wrong_is_named() {
    let system = appliance_repair::system();
    let names = Names::of(&system);
    let event = &all(&system)[0];
    let told: BTreeMap<_, _> = attributes(system.name, event).into_iter().collect();
    let with = |name: &'static str, value: Option<&str>| {
        let attribute = |wanted: &'static str| match (wanted == name, value) {
            (true, value) => value,
            (false, _) => told.get(wanted).map(String::as_str),
        };
        read(&names, attribute, Arc::clone(&event.body)).err().map(|flaw| flaw.to_string())
    };
    for name in told.keys() {
        assert_eq!(with(name, None), Some(Flaw::Missing(name).to_string()));
    }
    let flaws = [
        ("specversion", "0.3", "specversion is \"0.3\", which is not 1.0"),
        ("type", "Exploded", "nobody here knows Exploded"),
        (
            "source",
            "/other/request",
            "source is \"/other/request\", which is not a context of this system",
        ),
        ("id", "0", "id is \"0\", which is not a whole number from 1"),
        (
            "subject",
            "request",
            "subject is \"request\", which is not a name and a number, as in request/17",
        ),
        ("time", "yesterday", "time is \"yesterday\", which is not a moment as RFC 3339 has it"),
    ];
    for (name, value, expected) in flaws {
        assert_eq!(with(name, Some(value)).as_deref(), Some(expected));
    }
    let newer = with("schemaversion", Some("4294967295")).unwrap_or_default();
    assert!(newer.contains("the newest known here"), "{newer}");
    assert!(read_page(&names, b"[{\"id\":\"1\"}]").is_err());
    assert!(read_page(&names, b"no page").is_err());
}

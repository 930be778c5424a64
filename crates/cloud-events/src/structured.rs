//! Events as JSON objects, a page at a time.

use std::collections::BTreeMap;

use kernel::Event;
use serde_json::value::RawValue;

use crate::{Flaw, Names, attributes, read};

/// A page of events, as `application/cloudevents-batch+json`.
///
/// # Errors
///
/// When the body of an event is no JSON.
pub fn page(system: &str, events: &[Event]) -> Result<Vec<u8>, Flaw> {
    let mut text = Vec::with_capacity(512 * events.len() + 2);
    text.push(b'[');
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.push(b'{');
        for (name, value) in attributes(system, event) {
            serde_json::to_writer(&mut text, name).map_err(unreadable)?;
            text.push(b':');
            serde_json::to_writer(&mut text, &value).map_err(unreadable)?;
            text.push(b',');
        }
        let data: &RawValue = serde_json::from_slice(&event.body).map_err(unreadable)?;
        text.extend_from_slice(b"\"data\":");
        text.extend_from_slice(data.get().as_bytes());
        text.push(b'}');
    }
    text.push(b']');
    Ok(text)
}

/// The events of a page, in its order.
///
/// # Errors
///
/// What is wrong with the first that is not right.
pub fn read_page(names: &Names, page: &[u8]) -> Result<Vec<Event>, Flaw> {
    let page: Vec<BTreeMap<String, Box<RawValue>>> =
        serde_json::from_slice(page).map_err(unreadable)?;
    page.into_iter().map(|one| read_one(names, one)).collect()
}

fn read_one(names: &Names, mut one: BTreeMap<String, Box<RawValue>>) -> Result<Event, Flaw> {
    let data = one.remove("data").ok_or(Flaw::Missing("data"))?;
    let mut attributes = BTreeMap::<String, String>::new();
    for (name, value) in one {
        attributes.insert(name, serde_json::from_str(value.get()).map_err(unreadable)?);
    }
    let attribute = |name: &'static str| attributes.get(name).map(String::as_str);
    read(names, attribute, data.get().as_bytes().into())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: serde_json::Error) -> Flaw {
    Flaw::Unreadable(error.to_string())
}

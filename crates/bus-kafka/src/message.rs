//! An event as a message: `CloudEvents`, Kafka binding, binary mode.

use std::cell::Cell;

use kernel::{Event, Record};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};

use crate::Inside;

/// The attributes of an event as headers. The type of the body has a name of its own.
pub fn headers(system: &str, event: &Event) -> OwnedHeaders {
    let told = cloud_events::attributes(system, event);
    let mut headers = OwnedHeaders::new_with_capacity(told.len());
    for (name, value) in told {
        let key = match name {
            "datacontenttype" => "content-type".to_owned(),
            name => format!("ce_{name}"),
        };
        headers = headers.insert(Header { key: &key, value: Some(&value) });
    }
    headers
}

/// Where a message says it is from.
pub fn source<'a>(message: &'a BorrowedMessage<'_>) -> Option<&'a str> {
    let source = message.headers()?.iter().find(|header| header.key == "ce_source")?;
    std::str::from_utf8(source.value?).ok()
}

/// Whether both say the same.
pub fn is_same(one: &Event, other: &Event) -> bool {
    let (left, right): (&Record, &Record) = (one, other);
    left == right && (one.name, one.schema, &one.body) == (other.name, other.schema, &other.body)
}

/// The event in a message; or what is wrong with it.
pub fn event(inside: &Inside, message: &BorrowedMessage<'_>) -> Result<Event, String> {
    let headers = message.headers().ok_or("it has no headers")?;
    let mut told = Vec::with_capacity(headers.count());
    for header in headers.iter() {
        let name = match header.key {
            "content-type" => "datacontenttype",
            key => match key.strip_prefix("ce_") {
                Some(name) => name,
                None => continue, // of somebody on the way
            },
        };
        let value = header.value.and_then(|value| std::str::from_utf8(value).ok());
        told.push((name, value.ok_or_else(|| format!("{} is no text", header.key))?));
    }
    // They are asked for nearly in the order in which they are told.
    let next = Cell::new(0);
    let attribute = |name: &'static str| {
        let (before, after) = told.split_at(next.get());
        let found = after.iter().chain(before).position(|it| it.0 == name)?;
        let place = (next.get() + found) % told.len();
        next.set(place + 1);
        Some(told[place].1)
    };
    let body = message.payload().ok_or("it has no body")?;
    let event = cloud_events::read(&inside.names, attribute, body.into());
    let event = event.map_err(|flaw| flaw.to_string())?;
    // It was just read from there.
    let key = attribute("partitionkey").unwrap_or_default();
    if message.key() != Some(key.as_bytes()) {
        return Err(format!("its key does not fit its case, {key}"));
    }
    Ok(event)
}

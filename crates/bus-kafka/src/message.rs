//! An event as a message: `CloudEvents`, Kafka binding, binary mode.

use std::collections::BTreeMap;

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
    let mut told = BTreeMap::new();
    for header in headers.iter() {
        let value = header.value.and_then(|value| std::str::from_utf8(value).ok());
        told.insert(header.key, value.ok_or_else(|| format!("{} is no text", header.key))?);
    }
    let attribute = |name: &'static str| match name {
        "datacontenttype" => told.get("content-type").copied(),
        name => told.iter().find(|(key, _)| key.strip_prefix("ce_") == Some(name)).map(|it| *it.1),
    };
    let body = message.payload().ok_or("it has no body")?;
    let event = cloud_events::read(&inside.names, attribute, body.into());
    let event = event.map_err(|flaw| flaw.to_string())?;
    let key = cloud_events::partition_key(&event);
    if message.key() != Some(key.as_bytes()) {
        return Err(format!("its key does not fit its case, {key}"));
    }
    Ok(event)
}

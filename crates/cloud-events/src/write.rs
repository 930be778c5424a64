//! An event as attributes.

use kernel::{Event, moment};

use crate::{JSON, SPEC};

/// All attributes but the body, by name, in the order in which they are told.
/// The names are those of the specification and its extensions; a binding adds
/// its prefix (`ce_` in Kafka, `ce-` in HTTP).
#[must_use]
pub fn attributes(system: &str, event: &Event) -> Vec<(&'static str, String)> {
    let mut told = vec![
        ("specversion", SPEC.to_owned()),
        ("id", event.position.to_string()),
        ("source", format!("/{system}/{}", event.context)),
        ("type", event.name.to_owned()),
        ("subject", format!("{}/{}", event.of.kind, event.of.number)),
        ("time", moment::rfc3339(event.at.0)),
        ("datacontenttype", JSON.to_owned()),
        ("partitionkey", partition_key(event)),
        ("schemaversion", event.schema.to_string()),
        ("version", event.version.to_string()),
        ("actor", event.by.name.to_string()),
        ("role", event.by.role.to_string()),
        ("command", event.cause.command.to_string()),
    ];
    if let Some(name) = &event.of.name {
        told.push(("name", name.to_string()));
    }
    if let Some((context, position)) = event.cause.event {
        told.push(("cause", format!("{context}/{position}")));
    }
    if let Some(trace) = &event.trace {
        told.push(("traceparent", trace.to_string()));
    }
    told
}

/// What keeps the events of one case in one partition: `request/17`.
#[must_use]
pub fn partition_key(event: &Event) -> String {
    format!("{}/{}", event.case.kind, event.case.number)
}

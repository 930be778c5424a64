//! The descriptions of several businesses as one, for whoever stands in front of them.

use kernel::System;
use serde_json::{Map, Value, json};

use super::{describe, operations};
use crate::table::Table;

/// The parts of a description that are found by their name.
const NAMED: [&str; 4] = ["schemas", "parameters", "responses", "headers"];

/// The description of these businesses, each below its name, behind something that may turn a
/// request away or not pass it on; with what is there for whoever looks after the whole.
#[must_use]
pub fn together(systems: &[System], operating: &Table) -> Value {
    let mut whole = json!({ "paths": {}, "components": {} });
    for system in systems {
        let (prefix, business) = (format!("/{}", system.name), Table::of(system, None));
        let mut own = describe(system, &prefix, &business, operating);
        rename(&mut own, &whole["components"], system.name);
        for name in NAMED {
            join(&mut whole["components"][name], &mut own["components"][name]);
        }
        join(&mut whole["paths"], &mut own["paths"]);
        for member in ["openapi", "info"] {
            whole[member] = own[member].take();
        }
        let tags = own["tags"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let all = whole.as_object_mut().map(|it| it.entry("tags").or_insert_with(|| json!([])));
        if let Some(Value::Array(all)) = all {
            all.retain(|it| !tags.contains(it));
            all.extend(tags);
        }
    }
    if systems.len() != 1 {
        whole["info"] = json!({ "title": "마당", "summary": "Madang", "version": "1" });
    }
    join(&mut whole["components"]["responses"], &mut operations::responses_in_front());
    let paths = whole["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        for (status, problem) in operations::problems_in_front() {
            operation["responses"][status] = problem;
        }
    }
    whole
}

/// What is called the same and is something else gets the name of its business before its own.
fn rename(own: &mut Value, known: &Value, business: &str) {
    for kind in NAMED {
        let Some(named) = own["components"][kind].as_object() else { continue };
        let is_other = |(name, it): &(&String, &Value)| {
            known[kind].get(name.as_str()).is_some_and(|known| known != *it)
        };
        let others: Vec<_> = named.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
        for name in others {
            let new = format!("{business}.{name}");
            if let Some(named) = own["components"][kind].as_object_mut()
                && let Some(it) = named.remove(&name)
            {
                named.insert(new.clone(), it);
            }
            let place = format!("#/components/{kind}/");
            refer(own, &format!("{place}{name}"), &format!("{place}{new}"));
        }
    }
}

fn refer(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => new.clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(|it| refer(it, old, new)),
        Value::Object(members) => members.values_mut().for_each(|it| refer(it, old, new)),
        _ => {}
    }
}

fn join(into: &mut Value, from: &mut Value) {
    if into.is_null() {
        *into = json!({});
    }
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object_mut()) {
        into.append(from);
    }
}

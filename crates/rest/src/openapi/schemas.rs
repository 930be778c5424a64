//! Shapes as JSON Schema.

use kernel::{Note, Projection, Shape, System};
use serde_json::{Map, Value, json};

use crate::hal::Plan;

/// Every body there is, by name.
pub fn of(system: &System) -> Value {
    let mut schemas = Map::new();
    for context in &system.contexts {
        for rule in context.aggregates.iter().flat_map(|it| &it.rules) {
            if rule.verb.is_some() {
                schemas.insert(rule.command.name.to_owned(), command(rule.command));
            }
        }
        for view in &context.views {
            schemas.insert(view.row.name.to_owned(), row(view));
        }
    }
    schemas.insert("Problem".to_owned(), problem());
    schemas.insert("Links".to_owned(), links());
    schemas.insert("Page".to_owned(), page());
    Value::Object(schemas)
}

/// A reference to one of them.
pub fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A page of rows.
pub fn list(view: &Projection) -> Value {
    let rows = json!({ "type": "array", "items": named(view.row.name) });
    json!({
        "type": "object",
        "properties": {
            "_embedded": { "type": "object", "properties": { view.name: rows } },
            "_links": named("Links"),
            "page": named("Page"),
            "problems": {
                "type": "array",
                "items": { "type": "object" },
                "description": "The rows of this page that cannot be read now, by `id`.",
            },
        },
        "required": ["_embedded", "_links", "page"],
    })
}

/// What may stand in a field that is sent.
pub fn sent(shape: &Shape) -> Value {
    match shape {
        Shape::Whole { .. } => {
            let text = json!({ "type": "string", "pattern": "^-?[0-9]+$" });
            json!({ "anyOf": [shaped(shape), text] })
        }
        Shape::Maybe(inner) => json!({ "anyOf": [sent(inner), { "type": "null" }] }),
        _ => shaped(shape),
    }
}

/// What may stand in a field that is shown.
pub fn shaped(shape: &Shape) -> Value {
    match shape {
        Shape::Text { min, max, sample } => {
            let mut text = json!({ "type": "string", "minLength": min, "maxLength": max });
            if !sample.is_empty() {
                text["examples"] = json!([sample]);
            }
            text
        }
        Shape::Whole { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::OneOf(words) => json!({ "type": "string", "enum": words }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Moment => json!({ "type": "string", "format": "date-time" }),
        Shape::Maybe(inner) => json!({ "anyOf": [shaped(inner), { "type": "null" }] }),
        Shape::Many(inner) => json!({ "type": "array", "items": shaped(inner) }),
        Shape::Thing => json!({}),
    }
}

fn command(note: &Note) -> Value {
    let (mut fields, mut required) = (Map::new(), Vec::new());
    for field in note.fields.iter().filter(|field| !field.given) {
        let mut schema = sent(&field.shape);
        describe(&mut schema, field.doc);
        fields.insert(field.name.to_owned(), schema.clone());
        for alias in field.aliases {
            let mut schema = schema.clone();
            describe(&mut schema, &format!("Another name for {}.", field.name));
            schema["deprecated"] = json!(true);
            fields.insert((*alias).to_owned(), schema);
        }
        // Where another name is understood, neither alone can be required.
        if !field.optional && !matches!(field.shape, Shape::Maybe(_)) && field.aliases.is_empty() {
            required.push(field.name);
        }
    }
    json!({
        "type": "object",
        "description": note.doc,
        "properties": fields,
        "required": required,
        "additionalProperties": false,
    })
}

fn row(view: &Projection) -> Value {
    let plan = Plan::of(view);
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!({ "type": "integer", "minimum": 1 }));
    for field in view.row.fields.iter().filter(|field| plan.shows(field.name)) {
        let mut schema = shaped(&field.shape);
        describe(&mut schema, field.doc);
        fields.insert(field.name.to_owned(), schema);
    }
    fields.insert("_links".to_owned(), named("Links"));
    json!({
        "type": "object",
        "description": view.row.doc,
        "properties": fields,
        "required": ["id", "_links"],
    })
}

fn describe(schema: &mut Value, doc: &str) {
    if !doc.is_empty() {
        schema["description"] = json!(doc);
    }
}

fn problem() -> Value {
    let text = || json!({ "type": "string" });
    let error = json!({
        "type": "object",
        "properties": {
            "in": { "enum": ["path", "query", "header", "body"] },
            "field": text(), "rule": text(), "message": text(),
        },
        "required": ["in", "field", "rule", "message"],
    });
    json!({
        "type": "object",
        "description": "Why a request came to nothing (RFC 9457).",
        "properties": {
            "type": text(), "title": text(), "detail": text(), "instance": text(),
            "status": { "type": "integer" },
            "errors": { "type": "array", "items": error },
            "commands": { "type": "array", "items": { "type": "object" } },
            "retryAfter": { "type": "integer", "description": "In seconds." },
        },
        "required": ["type", "title", "status", "detail", "instance"],
    })
}

fn links() -> Value {
    json!({
        "type": "object",
        "description": "What can be done next, by whoever asked, in the present state.",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "href": { "type": "string" }, "title": { "type": "string" },
                "method": { "type": "string" }, "templated": { "type": "boolean" },
            },
            "required": ["href"],
        },
    })
}

fn page() -> Value {
    let number = || json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "properties": {
            "size": number(), "totalElements": number(),
            "totalPages": number(), "number": number(),
        },
        "required": ["size", "totalElements", "totalPages", "number"],
    })
}

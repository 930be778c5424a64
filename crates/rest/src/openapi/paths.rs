//! Every route, described.

use kernel::{Projection, Rule, System, Verb};
use serde_json::{Map, Value, json};

use super::{
    HAL,
    operations::{problems, reference},
    schemas,
};
use crate::{
    hal::bare,
    ops::deliveries::FIELDS,
    table::{Act, Operation, Resource, Route, Table},
};

/// Every route of the business below its prefix, and every route of the operators.
pub fn of(system: &System, prefix: &str, business: &Table, operating: &Table) -> Value {
    let mut paths = Map::new();
    let below = business.routes.iter().map(|route| (prefix, route));
    let beside = operating.routes.iter().map(|route| ("", route));
    for (prefix, route) in below.chain(beside) {
        let template = match (prefix, route.template.as_str()) {
            ("", template) => template.to_owned(),
            (prefix, "/") => prefix.to_owned(),
            (prefix, template) => format!("{prefix}{template}"),
        };
        let method = route.method.as_str().to_ascii_lowercase();
        let path = paths.entry(template).or_insert_with(|| json!({}));
        path[method] = operation(system, route);
    }
    Value::Object(paths)
}

fn operation(system: &System, route: &Route) -> Value {
    let id = operation_id(route);
    let mut operation = match route.act {
        Act::Root => simple("Links to everything.", "operations", HAL, &[]),
        Act::Description => simple("This description.", "operations", "application/json", &[]),
        Act::Operate(operation) => operate(operation, &route.template),
        Act::List(resource) => list(system, resource),
        Act::Row(resource) => row(system, resource),
        Act::Lookup(resource, index) => lookup(system, resource, index),
        Act::Tell(resource, index) => tell(system, resource, index),
    };
    operation["operationId"] = json!(id);
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route.template.split(|it: char| !it.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let place = if words.is_empty() { "root".to_owned() } else { words.join("-") };
    format!("{}-{place}", route.method.as_str().to_ascii_lowercase())
}

fn list(system: &System, resource: Resource) -> Value {
    let Some(view) = resource.view(system) else { return json!({}) };
    let integer = |least: u32, most: u32, usual: u32| {
        let mut integer = json!({ "type": "integer", "minimum": least, "maximum": most });
        integer["default"] = usual.into();
        integer
    };
    let mut parameters = vec![
        query("page", &integer(0, 1_000_000, 0)),
        query("size", &integer(1, 200, 20)),
        query("sort", &json!({ "type": "string", "enum": sorts(view) })),
        query("after", &json!({ "type": "string", "description": "From a `next` link." })),
    ];
    parameters
        .extend(view.indexes.iter().map(|index| query(index.field, &field(view, index.field))));
    parameters.extend(reference(&["Role", "Fresh", "IfNoneMatch"]));
    let mut found = found(&schemas::list(view));
    found["content"]["text/csv"] = json!({ "schema": { "type": "string" } });
    found["content"]["text/event-stream"] = json!({ "schema": { "type": "string" } });
    described(
        (resource.context(system).name, view.row.doc),
        &parameters,
        [("200".to_owned(), found), not_modified()]
            .into_iter()
            .chain(problems(&["400", "405", "500", "503"])),
    )
}

fn row(system: &System, resource: Resource) -> Value {
    let Some(view) = resource.view(system) else { return json!({}) };
    let mut parameters = vec![id()];
    if view.door.is_some() {
        parameters.push(query("token", &json!({ "type": "string" })));
    }
    parameters.extend(reference(&["Role", "Fresh", "IfNoneMatch"]));
    let mut found = found(&schemas::named(view.row.name));
    found["content"]["text/event-stream"] = json!({ "schema": { "type": "string" } });
    described(
        (resource.context(system).name, view.row.doc),
        &parameters,
        [("200".to_owned(), found), not_modified()]
            .into_iter()
            .chain(problems(&["400", "404", "405", "500", "503"])),
    )
}

fn lookup(system: &System, resource: Resource, index: usize) -> Value {
    let Some(view) = resource.view(system) else { return json!({}) };
    let lookup = &view.lookups[index];
    let place = if lookup.in_path { "path" } else { "query" };
    let parameter = json!({
        "name": lookup.field,
        "in": place,
        "required": true,
        "schema": field(view, lookup.field),
    });
    let parameters = [parameter].into_iter().chain(reference(&["Role", "Fresh", "IfNoneMatch"]));
    described(
        (resource.context(system).name, view.row.doc),
        &parameters.collect::<Vec<_>>(),
        [("200".to_owned(), found(&schemas::named(view.row.name))), not_modified()]
            .into_iter()
            .chain(problems(&["400", "404", "405", "500", "503"])),
    )
}

fn tell(system: &System, resource: Resource, index: usize) -> Value {
    let Some(rule) = resource.aggregate(system).map(|it| &it.rules[index]) else {
        return json!({});
    };
    let about = (resource.context(system).name, rule.command.doc);
    let puts = matches!(rule.verb, Some(Verb::Put(_)));
    let mut parameters = if puts { vec![id()] } else { Vec::new() };
    let roles: Vec<_> = rule.roles.iter().map(|role| role.name).collect();
    if roles.is_empty() {
        // Only the system itself does this; nobody is told how.
        let mut operation = described(about, &parameters, problems(&["403"]));
        operation["x-roles"] = json!(roles);
        return operation;
    }
    parameters.extend(reference(&["Actor", "Role", "IdempotencyKey", "Prefer"]));
    let problems =
        problems(&["400", "403", "404", "405", "409", "413", "415", "422", "500", "503"]);
    let mut operation = described(
        about,
        &parameters,
        successes(system, resource, rule).into_iter().chain(problems),
    );
    let needed = rule.command.fields.iter().any(|it| !it.given && !it.optional);
    operation["requestBody"] = json!({
        "required": needed,
        "content": { "application/json": { "schema": schemas::named(rule.command.name) } },
    });
    operation["x-roles"] = json!(roles);
    operation
}

fn successes(system: &System, resource: Resource, rule: &Rule) -> Vec<(String, Value)> {
    let row = match resource.view(system) {
        Some(view) => schemas::named(view.row.name),
        None => json!({ "type": "object" }),
    };
    let header = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    let mut done = json!({
        "description": "Done, and settled.",
        "headers": {
            "Freshness-Token": header("FreshnessToken"),
            "Idempotent-Replayed": header("Replayed"),
        },
        "content": { HAL: { "schema": row } },
    });
    let puts = matches!(rule.verb, Some(Verb::Put(_)));
    if !puts {
        done["headers"]["Location"] = header("Location");
    }
    let mut successes = vec![(if puts { "200" } else { "201" }.to_owned(), done.clone())];
    if !rule.settles.is_empty() {
        done["description"] = json!("Done, and not settled yet: the work goes on by itself.");
        done["headers"]["Retry-After"] = json!({ "schema": { "type": "integer" } });
        successes.push(("202".to_owned(), done));
    }
    successes
}

fn operate(operation: Operation, template: &str) -> Value {
    let json = "application/json";
    let tag = "operations";
    let query = |name| query(name, &json!({ "type": "string" }));
    match operation {
        Operation::Alive => simple("Whether the process lives.", tag, json, &[]),
        Operation::Ready => simple("Whether it can do its job.", tag, json, &["503"]),
        Operation::Metrics => simple("Its figures, for Prometheus.", tag, "text/plain", &["500"]),
        Operation::Ledger => simple(
            "The ledger: where everything is that was committed.",
            tag,
            json,
            &["403", "500"],
        ),
        Operation::Deliveries => {
            let mut operation =
                simple("Deliveries that took a path of their own.", tag, json, &["403", "500"]);
            let fields = FIELDS.into_iter().chain(["limit"]);
            operation["parameters"] = fields.map(query).collect();
            operation
        }
        Operation::Delivery => {
            let summary = "One delivery: where it stands, and what was done about it.";
            let mut operation = simple(summary, tag, json, &["403", "404", "500"]);
            operation["parameters"] = json!([in_path("id")]);
            operation
        }
        Operation::Replay => acts("Try deliveries again: one, or all that are meant.", &[]),
        Operation::Abandon => acts("Give deliveries up: one, or all that are meant.", &["reason"]),
        Operation::Events => {
            let mut operation = simple("What has happened.", tag, json, &["403", "500"]);
            let names = ["context", "case", "after", "limit"].map(query);
            operation["parameters"] = json!(names);
            operation["responses"]["200"]["content"]["text/event-stream"] =
                json!({ "schema": { "type": "string" } });
            operation
        }
        Operation::Case => {
            let mut operation =
                simple("One case, in sentences.", tag, json, &["403", "404", "500"]);
            let names = places(template).map(in_path);
            operation["parameters"] = names.collect();
            operation
        }
        Operation::Views => {
            simple("Every view, and how its rebuild stands.", tag, json, &["403", "500"])
        }
        Operation::View => {
            let failures = ["403", "404", "500"];
            named(simple("A view, and how its rebuild stands.", tag, json, &failures))
        }
        Operation::Rebuild => rebuild("Rebuild it beside the rows that are shown."),
        Operation::Switch => rebuild("Show the rows that were rebuilt."),
        Operation::Cancel => rebuild("Give its rebuild up."),
        Operation::Lab => simple("Who feels how.", tag, json, &["403"]),
        Operation::Feel => named(changes("Make one feel so: `slow 620ms`.", &["state"])),
    }
}

/// The open places of a template.
fn places(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
}

fn in_path(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

/// What an operator does about deliveries.
fn acts(summary: &str, required: &[&str]) -> Value {
    let mut operation = changes(summary, required);
    let text = |name: &str| (name.to_owned(), json!({ "type": "string" }));
    let mut properties: Map<_, _> =
        FIELDS.into_iter().chain(["reason", "after"]).map(text).collect();
    for name in ["position", "perSecond", "limit"] {
        properties.insert(name.to_owned(), json!({ "type": "integer", "minimum": 1 }));
    }
    properties.insert("keepGoing".to_owned(), json!({ "type": "boolean" }));
    let schema = &mut operation["requestBody"]["content"]["application/json"]["schema"];
    schema["properties"] = Value::Object(properties);
    operation["parameters"] = json!([query("dry", &json!({ "type": "boolean" }))]);
    operation
}

fn named(mut operation: Value) -> Value {
    operation["parameters"] = json!([in_path("name")]);
    operation
}

fn rebuild(summary: &str) -> Value {
    let failures = ["403", "404", "409", "413", "415", "500", "503"];
    named(simple(summary, "operations", "application/json", &failures))
}

fn changes(summary: &str, fields: &[&str]) -> Value {
    let failures = ["403", "404", "413", "415", "500", "503"];
    let mut operation = simple(summary, "operations", "application/json", &failures);
    let types = |name: &&str| {
        let kind = if *name == "position" { "integer" } else { "string" };
        ((*name).to_owned(), json!({ "type": kind }))
    };
    let properties: Map<_, _> = fields.iter().map(types).collect();
    let schema = json!({ "type": "object", "properties": properties, "required": fields });
    operation["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    operation
}

fn simple(summary: &str, tag: &str, media: &str, failures: &[&str]) -> Value {
    let found = json!({ "description": summary, "content": { media: { "schema": {} } } });
    let all: Vec<_> = failures.iter().copied().chain(["400", "405"]).collect();
    let responses = [("200".to_owned(), found)].into_iter().chain(problems(&all));
    described((tag, summary), &[], responses)
}

fn described(
    (tag, summary): (&str, &str),
    parameters: &[Value],
    responses: impl Iterator<Item = (String, Value)>,
) -> Value {
    json!({
        "tags": [tag],
        "summary": summary,
        "parameters": parameters,
        "responses": Value::Object(responses.collect()),
    })
}

fn found(schema: &Value) -> Value {
    let header = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    json!({
        "description": "Found.",
        "headers": { "ETag": header("ETag"), "Freshness": header("Freshness") },
        "content": { HAL: { "schema": schema } },
    })
}

fn not_modified() -> (String, Value) {
    ("304".to_owned(), json!({ "description": "As it is known already." }))
}

fn id() -> Value {
    json!({
        "name": "id", "in": "path", "required": true,
        "schema": { "type": "integer", "minimum": 1 },
    })
}

fn query(name: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "schema": schema })
}

fn sorts(view: &Projection) -> Vec<String> {
    let fields = ["id"].into_iter().chain(view.indexes.iter().map(|index| index.field));
    fields.flat_map(|it| [it.to_owned(), format!("{it},asc"), format!("{it},desc")]).collect()
}

fn field(view: &Projection, name: &str) -> Value {
    let field = view.row.fields.iter().find(|it| it.name == name);
    field.map_or_else(|| json!({}), |it| schemas::shaped(bare(&it.shape)))
}

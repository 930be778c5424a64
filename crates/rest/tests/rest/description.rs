//! The description says what is served: no more, and no less.

use std::collections::BTreeSet;

use rest::Table;
use serde_json::{Value, json};

use crate::{business::system, yard::Yard};

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let system = system();
    let described = rest::openapi(&system, "/shop");
    let mut found = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            found.insert((method.to_uppercase(), path.clone()));
        }
    }
    let business = Table::of(&system, None).routes.into_iter().map(|route| {
        let path = format!("/shop{}", route.template.trim_end_matches('/'));
        (route.method.to_string(), path)
    });
    let operating = Table::operating(true, true).routes.into_iter();
    let operating = operating.map(|route| (route.method.to_string(), route.template));
    let served: BTreeSet<_> = business.chain(operating).collect();
    assert_eq!(found, served);
    assert!(served.contains(&("PUT".into(), "/shop/orders/{id}/ship".into())));
}

#[tokio::test]
async fn every_described_route_is_served() {
    let yard = Yard::open();
    let described = yard.get("/shop/openapi.json").send().await.json();
    for (path, methods) in described["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "1").replace("{what}", "tea").replace("{name}", "bank");
        for method in methods.as_object().unwrap().keys() {
            let said = yard.ask(&method.to_uppercase(), &path).send().await;
            let kind = serde_json::from_slice::<Value>(&said.body).unwrap_or_default();
            assert_ne!(said.status, 405, "{method} {path}");
            assert_ne!(kind["type"], "/problems/unknown-path", "{method} {path}");
        }
    }
}

#[test]
fn bodies_are_described_as_they_are_checked() {
    let described = rest::openapi(&system(), "");
    assert_eq!(described["openapi"], "3.1.0");
    let schemas = &described["components"]["schemas"];
    let place = &schemas["PlaceOrder"];
    assert_eq!(place["additionalProperties"], false);
    assert_eq!(place["required"], json!(["count"]), "what has another name, too");
    assert_eq!(place["properties"]["wat"]["maxLength"], 20);
    assert_eq!(place["properties"]["count"]["anyOf"][0]["maximum"], 9);
    assert!(place["properties"].get("token").is_none());
    let row = &schemas["OrderRow"];
    assert_eq!(row["properties"]["placed"]["anyOf"][0]["format"], "date-time");
    assert_eq!(row["properties"]["status"]["enum"][0], "PLACED");
    assert!(row["properties"].get("token").is_none());
    let pack = &described["paths"]["/orders/{id}/pack"]["put"];
    assert_eq!((&pack["x-roles"], &pack["tags"]), (&json!(["clerk"]), &json!(["front"])));
    assert!(pack["responses"].get("409").is_some() && pack["responses"].get("202").is_none());
    let ship = &described["paths"]["/orders/{id}/ship"]["put"];
    assert!(ship["responses"].get("202").is_some());
    let bill = &described["paths"]["/bills"]["post"];
    assert_eq!(bill["x-roles"], json!([]));
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    found.push(reference.to_owned());
                }
                object.values().for_each(|it| references(it, found));
            }
            Value::Array(array) => array.iter().for_each(|it| references(it, found)),
            _ => {}
        }
    }
    let described = rest::openapi(&system(), "/shop");
    let (mut found, mut ids) = (Vec::new(), BTreeSet::new());
    references(&described, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(described.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for operation in described["paths"].as_object().unwrap().values() {
        for one in operation.as_object().unwrap().values() {
            let id = one["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id.clone()), "{id} is there twice");
        }
    }
}

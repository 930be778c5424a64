//! What the gateway says of itself and of everything behind it.

use std::collections::BTreeSet;

use rest::{Act, Operation, Table};
use serde_json::{Value, json};

use crate::{
    client::Client,
    recorder::Recorder,
    yard::{Front, all_at},
};

#[tokio::test]
async fn what_is_described_is_what_is_passed_on() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let described = client.get("/openapi.json").await.json();
    let mut expected = BTreeSet::from(["/livez".to_owned(), "/readyz".to_owned()]);
    let table = Table::of(&appliance_repair::system(), None);
    for route in &table.routes {
        let end = if route.template == "/" { "" } else { &route.template };
        expected.insert(format!("/repair{end}"));
        if matches!(route.act, Act::Root | Act::Description) {
            continue;
        }
        let path = route.template.replace("{id}", "7").replace(['{', '}'], "");
        let before = recorder.seen().len();
        let answer = client.ask(route.method.as_str(), &path, &[], "").await;
        assert_eq!((answer.status, recorder.seen().len()), (200, before + 1), "{path}");
    }
    let paths: BTreeSet<_> = described["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(paths, expected);
    for status in ["429", "431", "502", "503", "504"] {
        let responses = &described["paths"]["/repair/requests"]["post"]["responses"];
        assert!(responses[status].is_object(), "{status}");
    }
    every_reference_leads_somewhere(&described, &described);
}

#[test]
fn businesses_that_use_a_word_differently_are_described_together() {
    let one = appliance_repair::system();
    let mut other = appliance_repair::system();
    other.name = "other";
    // In the other one nobody has a stock, so that the contexts that can be named differ.
    other.contexts.retain(|it| it.name != "stock");
    let whole = rest::together(&[one, other], &Table::operating(true, false));
    let parameters = whole["components"]["parameters"].as_object().unwrap();
    assert!(parameters.contains_key("Fresh") && parameters.contains_key("other.Fresh"));
    let of_other = &whole["paths"]["/other/requests"]["get"]["parameters"];
    let reference = json!({ "$ref": "#/components/parameters/other.Fresh" });
    assert!(of_other.as_array().unwrap().contains(&reference), "{of_other}");
    assert_eq!(whole["components"]["schemas"].get("other.Problem"), None, "it is the same");
    assert_eq!(whole["info"]["title"], "마당");
    let tags = whole["tags"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    let tags: Vec<_> = tags.collect();
    assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), tags.len(), "{tags:?}");
    every_reference_leads_somewhere(&whole, &whole);
}

#[tokio::test]
async fn the_root_leads_everywhere_and_nowhere_it_should_not() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    for (root, below) in [("/", ""), ("/repair", "/repair")] {
        let answer = client.get(root).await;
        assert_eq!(answer.header("content-type"), Some("application/hal+json"));
        let links = answer.json()["_links"].as_object().unwrap().clone();
        assert_eq!(links["requests"]["href"], format!("{below}/requests"));
        assert_eq!(links["readyz"]["href"], "/readyz");
        assert!(!links.keys().any(|it| it.contains("ops")), "{links:?}");
        let tag = format!("If-None-Match: {}", answer.header("etag").unwrap());
        assert_eq!(client.ask("GET", root, &[&tag], "").await.status, 304);
    }
    assert_eq!(recorder.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn several_businesses_are_found_below_their_names() {
    let recorder = Recorder::new().await;
    let (one, mut other) = (appliance_repair::system(), appliance_repair::system());
    other.name = "other";
    let front = Front::of_many(vec![one, other], all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let root = client.get("/").await.json();
    for name in ["repair", "other"] {
        assert_eq!(root["_links"][name]["href"], format!("/{name}"));
        let links = client.get(&format!("/{name}")).await.json()["_links"].clone();
        assert_eq!(links["requests"]["href"], format!("/{name}/requests"));
        assert_eq!(client.get(&format!("/{name}/requests")).await.status, 200);
    }
    client.get("/requests").await.is_problem(404, "unknown-path", "nothing");
    client.ask("POST", "/", &[], "").await.is_problem(405, "method-not-allowed", "GET");
    assert_eq!(recorder.seen().len(), 2);
}

#[tokio::test]
async fn what_is_for_operators_or_between_contexts_is_not_passed_on() {
    let recorder = Recorder::new().await;
    let front = Front::of(all_at(&[recorder.address])).await;
    let mut client = Client::to(front.address).await;
    let operating = Table::operating(true, true).routes;
    let own = [Act::Operate(Operation::Alive), Act::Operate(Operation::Ready)];
    let hidden = operating.into_iter().filter(|it| !own.contains(&it.act));
    let hidden = hidden.map(|it| it.template.replace("{id}", "1").replace(['{', '}'], ""));
    let more = [
        "/between/ask",
        "/between",
        "/repair/ops/ledger",
        "/repair/metrics",
        "//ops/ledger",
        "/requests/../ops/ledger",
        "/requests/%2e%2e/ops/ledger",
        "/requests/..",
        "/requests/%2E%2e",
        "/%6fps/ledger",
        "/requests/1/../../metrics",
        "/readyz/",
        "/requests/%ff",
    ];
    for path in hidden.chain(more.map(str::to_owned)) {
        for method in ["GET", "POST"] {
            client.ask(method, &path, &[], "").await.is_problem(404, "unknown-path", "nothing");
        }
    }
    assert_eq!(recorder.seen(), Vec::<String>::new());
}

fn every_reference_leads_somewhere(value: &Value, whole: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                let found = whole.pointer(reference.trim_start_matches('#'));
                assert!(found.is_some(), "{reference} leads nowhere");
            }
            members.values().for_each(|it| every_reference_leads_somewhere(it, whole));
        }
        Value::Array(values) => {
            for it in values {
                every_reference_leads_somewhere(it, whole);
            }
        }
        _ => {}
    }
}

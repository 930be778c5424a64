//! One repair after the other over five processes, some of which are killed.

use std::process::Output;

use kafka_for_tests::Broker;
use postgres_for_tests::Server as Postgres;
use serde_json::json;

use crate::deployment::{Deployment, until};

pub const INTAKE: &str = r#"{"relatedProductId":"1","stock":9,"unitPrice":5000}"#;
pub const REQUEST: &str = r#"{"symptom":"화면이 안나와요","productId":"1","customerName":"Hong"}"#;

#[test]
fn nothing_is_lost_when_processes_are_killed() {
    let all = Deployment::start(&[]).through_the_gateway();
    killed_and_whole(&all);
    a_view_of_others_is_rebuilt(&all);
    all_end_well(all);
}

#[test]
fn nothing_is_lost_when_they_share_a_server() {
    let Some(postgres) = Postgres::shared() else { return };
    let all = Deployment::start(&["--store", &postgres.fresh_database()]);
    killed_and_whole(&all);
    all_end_well(all);
}

#[test]
fn nothing_is_lost_behind_the_gateway_when_they_share_a_server_and_a_broker() {
    let (Some(postgres), Some(broker)) = (Postgres::shared(), Broker::own()) else { return };
    let (store, bus) = (postgres.fresh_database(), format!("kafka://{}", broker.address()));
    let all = Deployment::start(&["--store", &store, "--bus", &bus]).through_the_gateway();
    killed_and_whole(&all);
    all.kill("gateway");
    broker.kill();
    it_becomes_whole(&all, 6);
    broker.start_again();
    it_becomes_whole(&all, 7);
    all_end_well(all);
}

fn killed_and_whole(all: &Deployment) {
    all.insist(("stock", "POST"), "/stocks", INTAKE);
    it_is_whole(all, 1);

    // A third goes on without the others where it can, and waits where not.
    let ids: Vec<_> = (2..=5).map(|_| requested(all)).collect();
    all.kill("stock");
    all.insist(("service", "PUT"), &format!("/services/{}/accept", ids[0]), "");
    all.kill("payment");
    for id in &ids[1..] {
        all.insist(("service", "PUT"), &format!("/services/{id}/accept"), "");
    }
    for id in &ids {
        all.comes_to("service", &format!("/services/{id}"), ("status", "ACCEPTED"));
        all.insist(("service", "PUT"), &format!("/services/{id}/product-repair"), "");
    }
    all.kill("payment");
    all.kill("stock");
    for id in &ids {
        all.comes_to("progress", &format!("/progressViews/{id}"), ("payStatus", "PAID"));
        all.comes_to("service", &format!("/services/{id}"), ("status", "PAID"));
    }
    let log = all.log();
    assert!(log.contains("ended by itself; it is started again context=\"stock\""), "{log}");
    until("five parts used up", || {
        let part = all.get("stock", "/stocks/product/1")?.body;
        let used = (part["stock"] == 4, part["reserved"] == 0, part["available"] == 4);
        (used == (true, true, true)).then_some(())
    });
    let ledger = until("a ledger at rest", || {
        // Whoever has just come back is asked again only after a moment.
        let ledger = all.run(&["ledger"]);
        ledger.status.success().then(|| text(&ledger))
    });
    let sum = ledger.lines().rev().nth(1).unwrap();
    let figures: Vec<u64> = sum.split_whitespace().skip(1).map(|it| it.parse().unwrap()).collect();
    assert_eq!(figures[0], figures[1..].iter().sum::<u64>(), "{sum}");
    assert_eq!(figures[2], 0, "nothing was refused: {ledger}");
    one_story_is_told(all);
}

fn a_view_of_others_is_rebuilt(all: &Deployment) {
    let said = text(&all.run(&["views", "rebuild", "progressViews", "--switch"]));
    assert!(said.contains("same 5, changed 0, missing 0, extra 0"), "{said}");
    assert!(said.contains("switched; 5 rows are shown"), "{said}");
    let views = text(&all.run(&["views"]));
    for view in ["requests", "services", "stocks", "pays", "progressViews"] {
        assert!(views.contains(view), "{views}");
    }
}

fn all_end_well(all: Deployment) {
    let (status, log) = all.end();
    assert_eq!(status.code(), Some(0), "{log}");
    for context in ["request", "service", "stock", "payment", "progress", "gateway"] {
        let prefix = format!("{context:9} | ");
        let mut of = log.lines().filter(|it| it.starts_with(&prefix));
        assert!(of.next_back().unwrap().contains("ended cut=0"), "{context}: {log}");
    }
}

#[test]
fn who_serves_something_else_says_whose_it_is() {
    let all = Deployment::start(&[]);
    for (path, context) in [("/requests", "request"), ("/repair/services/1", "service")] {
        let answer = all.get("stock", path).unwrap();
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.body["detail"].as_str().unwrap().contains(context), "{answer:?}");
    }
    assert_eq!(all.get("stock", "/elsewhere").unwrap().status, 404);
    assert_eq!(all.get("stock", "/between/stock/events").unwrap().status, 401);
    let wrong = all.ask("stock", "PUT", "/services/1/accept", "").unwrap();
    assert_eq!(wrong.status, 503, "{wrong:?}");
}

#[test]
fn those_who_are_looked_after_end_with_the_one_who_does() {
    let all = Deployment::start(&[]);
    let stock = all.process("stock");
    drop(all); // it is killed, and cannot tell anybody
    until("the end of its process", || {
        let status = std::fs::read_to_string(format!("/proc/{stock}/stat")).unwrap_or_default();
        (status.is_empty() || status.contains(") Z")).then_some(())
    });
}

/// From the request to the payment.
fn it_is_whole(all: &Deployment, id: u64) {
    assert_eq!(requested(all), id);
    let accepted = all.insist(("service", "PUT"), &format!("/services/{id}/accept"), "");
    assert_eq!((&accepted["status"], &accepted["price"]), (&json!("ACCEPTED"), &json!(5000)));
    let repaired = all.insist(("service", "PUT"), &format!("/services/{id}/product-repair"), "");
    assert_eq!(repaired["status"], "PAID", "{repaired}");
    all.comes_to("progress", &format!("/progressViews/{id}"), ("payStatus", "PAID"));
}

/// The same, however long anybody takes to hear of it.
fn it_becomes_whole(all: &Deployment, id: u64) {
    assert_eq!(requested(all), id);
    let job = format!("/services/{id}");
    for (verb, status) in [("accept", "ACCEPTED"), ("product-repair", "PAID")] {
        all.insist(("service", "PUT"), &format!("{job}/{verb}"), "");
        all.comes_to("service", &job, ("status", status));
    }
    all.comes_to("progress", &format!("/progressViews/{id}"), ("payStatus", "PAID"));
}

/// The number of a request that is on the list of jobs.
pub fn requested(all: &Deployment) -> u64 {
    let id = all.insist(("request", "POST"), "/requests", REQUEST)["id"].as_u64().unwrap();
    all.comes_to("service", &format!("/services/{id}"), ("status", "REQUESTED"));
    id
}

fn one_story_is_told(all: &Deployment) {
    let told = text(&all.run(&["case", "1", "--json"]));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let names: Vec<_> = told["events"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    let story = [
        "ServiceRequested",
        "JobOpened",
        "AcceptanceAsked",
        "PartsReserved",
        "AsAccepted",
        "Repaired",
    ];
    assert_eq!(names[..story.len()], story, "{told}");
    assert_eq!(told["case"], "request/1");
    let job = text(&all.run(&["case", "job", "1", "--lang", "en"]));
    assert!(job.contains("because of PartsReserved in stock"), "{job}");
    let events = text(&all.run(&["events", "--case", "1"]));
    assert_eq!(events.lines().count(), names.len(), "{events}");
    let every = text(&all.run(&["events", "--json"]));
    let mut last = std::collections::BTreeMap::new();
    for line in every.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let context = event["context"].as_str().unwrap().to_owned();
        let position = event["position"].as_u64().unwrap();
        assert_eq!(last.insert(context, position).unwrap_or(0) + 1, position, "{line}");
    }
    assert_eq!(last.len(), 4, "four contexts decide something");
}

pub fn text(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

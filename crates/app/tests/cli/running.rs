//! What talks to a server: all of it to one.

use serde_json::json;

use crate::program::{Server, ask, folder, until};

#[test]
fn one_server_answers_every_command() {
    let here = folder();
    let server = Server::start(here.path(), &["--lab", "--context-ports", "0"]);
    it_says_what_it_does(&server);
    a_repair_is_walked_through(&server);
    the_lab_is_shown_and_set(&server);
    a_part_that_nobody_can_ask_for_leaves_the_job_alone(&server);
    events_are_told(&server);
    the_demonstration_is_the_same_twice(&server);
    the_ledger_adds_up(&server);
    deliveries_are_listed(&server);
}

#[test]
fn without_the_lab_there_is_none() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    server.run(&["lab"]).says(69, &["--lab"]);
    server.run(&["lab", "stock", "down"]).says(69, &["--lab"]);
}

fn it_says_what_it_does(server: &Server) {
    let greeting = &server.greeting;
    for word in ["가전 A/S 센터", "Appliance repair", "누구나", "everyone", "request ", "progress "]
    {
        assert!(greeting.contains(word), "{word}: {greeting}");
    }
    let korean = greeting.find("주소").unwrap();
    assert!(korean < greeting.find("address").unwrap());
    let port = greeting.split("stock ").nth(1).unwrap().split(' ').next().unwrap();
    let stock = format!("http://127.0.0.1:{port}");
    assert_eq!(ask("GET", &format!("{stock}/stocks"), "").status, 200);
    assert_eq!(ask("GET", &format!("{stock}/requests"), "").status, 404);
}

fn a_repair_is_walked_through(server: &Server) {
    let id = server.request("1");
    let waiting = server.put(&format!("/services/{id}/accept"));
    assert_eq!(waiting.status, 409, "{waiting:?}");
    server.comes_to(id, "OUTOFSTOCK");
    let intake = r#"{"relatedProductId":"1","stock":5,"unitPrice":5000}"#;
    assert_eq!(server.post("/repair/stocks", intake).status, 201);
    let accepted = server.put(&format!("/services/{id}/accept"));
    assert_eq!(accepted.body["status"], "ACCEPTED", "{accepted:?}");
    assert_eq!(accepted.body["price"], 5000);
    let repaired = server.put(&format!("/services/{id}/product-repair"));
    assert_eq!(repaired.body["status"], "PAID", "{repaired:?}");
    until("a part used up", || {
        (server.get("/stocks/product/1").body["stock"] == json!(4)).then_some(())
    });
}

fn the_lab_is_shown_and_set(server: &Server) {
    let shown = server.run(&["lab"]);
    for name in ["request", "service", "stock", "payment", "progress", "payment-provider"] {
        assert!(shown.out.contains(name), "{shown:?}");
    }
    let slow = server.run(&["lab", "payment-provider", "slow", "20ms"]);
    assert_eq!((slow.code, slow.out.as_str()), (0, "payment-provider slow 20ms\n"));
    assert!(server.run(&["lab"]).out.contains("slow 20ms"));
    let one = server.run(&["lab", "payment-provider"]).out;
    assert!(one.contains("slow 20ms") && !one.contains("stock"), "{one}");
    assert_eq!(server.run(&["lab", "payment-provider", "up"]).code, 0);
    server.run(&["lab", "stock", "sideways", "on"]).says(1, &["state", "failing 30%"]);
    server.run(&["lab", "shop", "down"]).says(1, &["shop"]);
}

fn a_part_that_nobody_can_ask_for_leaves_the_job_alone(server: &Server) {
    assert_eq!(server.run(&["lab", "stock", "down"]).code, 0);
    let id = server.request("1");
    assert_eq!(server.put(&format!("/services/{id}/accept")).status, 503);
    server.comes_to(id, "REQUESTED");
    assert_eq!(server.get("/stocks").status, 503);
    assert_eq!(server.run(&["lab", "stock", "up"]).code, 0);
    assert_eq!(server.put(&format!("/services/{id}/accept")).body["status"], "ACCEPTED");
}

fn events_are_told(server: &Server) {
    let told = server.run(&["events", "--case", "1"]);
    assert_eq!(told.code, 0, "{told:?}");
    for name in ["ServiceRequested", "PartsShort", "AsAccepted", "Repaired", "Paid"] {
        assert!(told.out.contains(name), "{name}: {told:?}");
    }
    let first = told.out.lines().next().unwrap();
    assert!(first.contains("ServiceRequested"), "{first}");
    let json = server.run(&["events", "--case", "1", "--json"]);
    assert_eq!(json.out.lines().count(), told.out.lines().count());
    for line in json.out.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object());
    }
}

fn the_demonstration_is_the_same_twice(server: &Server) {
    let first = server.run(&["demo", "--cases", "10"]);
    assert_eq!(first.code, 0, "{first:?}");
    for word in ["결제 완료", "부품 대기", "취소", "수락", "접수"] {
        assert!(first.out.contains(word), "{word}: {first:?}");
    }
    let count = || server.get("/services").body["page"]["totalElements"].clone();
    let before = count();
    let second = server.run(&["demo", "--cases", "10"]);
    assert_eq!(second.out, first.out);
    assert_eq!(count(), before);
}

fn the_ledger_adds_up(server: &Server) {
    let ledger = server.run(&["ledger"]);
    assert_eq!(ledger.code, 0, "{ledger:?}");
    assert!(ledger.out.ends_with("adds up\n"));
}

fn deliveries_are_listed(server: &Server) {
    let listed = server.run(&["deliveries"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    let listed = server.run(&["deliveries", "list", "--context", "stock", "--stage", "parked"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert_eq!(server.run(&["deliveries", "replay"]).out, "none\n");
    let all = server.run(&["deliveries", "replay", "--yes", "--reason", "try"]);
    assert_eq!(all.out, "0 of 0 replayed\n");
    server.run(&["deliveries", "replay", "--yes"]).says(2, &["--reason"]);
    server.run(&["deliveries", "replay", "--stage", "waiting"]).says(2, &["parked"]);
    server.run(&["deliveries", "abandon", "--yes"]).says(2, &["--reason"]);
    server.run(&["deliveries", "show", "request:1"]).says(1, &["request:1"]);
    server.run(&["deliveries", "--context", "shop"]).says(1, &["context", "payment"]);
}

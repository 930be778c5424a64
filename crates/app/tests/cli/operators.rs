//! What an operator does from a terminal: a delivery that is parked, a case, a
//! ledger that somebody has doctored.

use rusqlite::Connection;
use serde_json::Value;

use crate::program::{Server, folder, until};

const CHARGE: &str = "payment:PaymentAsked => payment-provider:payment:1";

/// The walk in the README.
#[test]
fn a_parked_payment_is_looked_at_foreseen_and_tried_again() {
    let here = folder();
    let server = Server::start(here.path(), &["--lab"]);
    let id = repaired_by_a_garbled_provider(&server);

    let listed = server.run(&["deliveries", "--stage", "parked"]).out;
    assert!(listed.contains(CHARGE) && listed.contains("Charge cannot be read"), "{listed}");
    let none = server.run(&["deliveries", "--cause", "weather"]);
    assert_eq!(none.out, "none\n");
    let shown = server.run(&["deliveries", "show", "payment:1"]).out;
    for words in ["PaymentAsked at", "\"amount\":5000", "parked, tried 5 times", "unknown variant"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }

    let dry = server.run(&["deliveries", "replay", "payment:1"]).out;
    for words in
        ["would ask payment-provider for Charge", "payment/payment/1", "Nothing was changed"]
    {
        assert!(dry.contains(words), "{words}: {dry}");
    }
    assert_eq!(server.run(&["deliveries", "show", "payment:1"]).out, shown);

    let why = ["--yes", "--reason", "다시 해 봄", "--by", "한지민"];
    let replay = [&["deliveries", "replay", "payment:1"][..], &why].concat();
    let failed = server.run(&replay);
    assert_eq!(failed.out, "0 of 1 replayed\n");
    failed.says(1, &["failed again", CHARGE, "cannot be read"]);

    assert_eq!(server.run(&["lab", "payment-provider", "up"]).code, 0);
    // It may be tried by itself before the operator gets to it; either way it is done.
    server.run(&replay);
    server.comes_to(id, "PAID");
    let shown = server.run(&["deliveries", "show", CHARGE]).out;
    assert!(shown.contains("stage      done"), "{shown}");
    assert!(shown.contains("tried again by 한지민 (operator)"), "{shown}");
    assert!(shown.contains("다시 해 봄"), "{shown}");
    assert_eq!(server.run(&["ledger"]).code, 0);
}

#[test]
fn a_case_is_told_in_two_languages() {
    let here = folder();
    let server = Server::start(here.path(), &["--lab"]);
    let id = repaired_by_a_garbled_provider(&server).to_string();
    let korean = server.run(&["case", &id, "--lang", "ko"]).out;
    for words in ["고객이 수리를 접수했어요.", "김도현", "운영자가 정할 때까지", "MarkReceivable"]
    {
        assert!(korean.contains(words), "{words}: {korean}");
    }
    let english = server.run(&["case", "job", &id, "--lang", "en"]).out;
    for words in [
        "A customer asked for a repair.",
        "because of Repaired in service",
        "has still to ask payment-provider for Charge",
        "It waits until an operator decides.",
        "It waits until 20",
    ] {
        assert!(english.contains(words), "{words}: {english}");
    }
    assert_eq!(korean.lines().count(), english.lines().count());
    let told: Value =
        serde_json::from_str(&server.run(&["case", "request", &id, "--json"]).out).unwrap();
    assert_eq!(told["case"], format!("request/{id}"));
    assert_eq!(told["events"][0]["name"], "ServiceRequested");
    assert!(server.run(&["case", "part", "1", "--lang", "en"]).out.contains("Parts came in"));
    server.run(&["case", "request", "99"]).says(1, &["request 99"]);

    server.run(&["lab", "service", "down"]);
    let body = r#"{"symptom":"물이 새요","productId":"1","customerName":"허윤"}"#;
    let id = server.post("/requests", body).body["id"].to_string();
    let waits = server.run(&["case", &id, "--lang", "en"]).out;
    assert!(waits.contains("It waits until service is back."), "{waits}");
}

#[test]
fn a_ledger_that_was_doctored_does_not_add_up() {
    let here = folder();
    for wrong in [
        "UPDATE \"service/progress\" SET done = done - 1 WHERE done > 0",
        "UPDATE \"stock/progress\" SET refused = refused + 1",
        "DELETE FROM \"service/delivery\"",
    ] {
        let server = Server::start(here.path(), &["--lab"]);
        repaired_by_a_garbled_provider(&server);
        assert_eq!(server.run(&["ledger"]).code, 0);
        server.kill();
        let database = Connection::open(here.path().join("data/repair.sqlite")).unwrap();
        assert!(database.execute(wrong, []).unwrap() > 0, "{wrong}");
        drop(database);

        let server = Server::start(here.path(), &[]);
        server.run(&["ledger"]).says(1, &["does not add up"]);
        assert_eq!(server.get("/ops/ledger").body["addsUp"], false, "{wrong}");
        drop(server);
        std::fs::remove_dir_all(here.path().join("data")).unwrap();
    }
}

/// A repair that is done, and whose payment is parked.
fn repaired_by_a_garbled_provider(server: &Server) -> u64 {
    let intake = r#"{"relatedProductId":"1","stock":5,"unitPrice":5000}"#;
    assert_eq!(server.post("/stocks", intake).status, 201);
    let id = server.request("1");
    let by = format!("{}/services/{id}/accept", server.url);
    assert_eq!(crate::program::ask_as("김도현", "PUT", &by).status, 200);
    assert_eq!(server.run(&["lab", "payment-provider", "garbled"]).code, 0);
    assert!(server.put(&format!("/services/{id}/product-repair")).status < 300);
    until("a parked payment", || {
        let parked = server.get("/ops/deliveries?stage=parked").body;
        (parked["total"] == 1).then_some(())
    });
    id
}

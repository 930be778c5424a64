//! What operators see and do when every context has a process of its own.

use serde_json::Value;

use crate::{
    deployment::{Deployment, until},
    walk::{INTAKE, REQUEST, requested, text},
};

#[test]
fn a_parked_payment_is_found_and_tried_again() {
    let all = Deployment::start(&["--lab"]);
    all.insist(("stock", "POST"), "/stocks", INTAKE);
    let said = text(&all.run(&["lab", "payment-provider", "garbled"]));
    assert_eq!(said, "payment-provider garbled\n");
    assert_eq!(requested(&all), 1);
    all.insist(("service", "PUT"), "/services/1/accept", "");
    all.insist(("service", "PUT"), "/services/1/product-repair", "");
    let listed = until("a parked delivery", || {
        let listed = text(&all.run(&["deliveries", "--stage", "parked"]));
        listed.contains("parked").then_some(listed)
    });
    assert!(listed.contains("PaymentAsked => payment-provider"), "{listed}");
    let case = text(&all.run(&["case", "1", "--json"]));
    let case: Value = serde_json::from_str(&case).unwrap();
    assert!(case["sentence"]["en"].as_str().unwrap().contains("for an operator"), "{case}");

    let shown = text(&all.run(&["deliveries", "show", "payment:1"]));
    assert!(shown.contains("PaymentAsked"), "{shown}");
    let foreseen = text(&all.run(&["deliveries", "replay", "payment:1"]));
    assert!(foreseen.contains("would ask payment-provider"), "{foreseen}");
    assert_eq!(all.run(&["deliveries", "replay", "--yes", "--reason", "x"]).status.code(), Some(2));
    text(&all.run(&["lab", "payment-provider", "up"]));
    let replay = ["deliveries", "replay", "payment:1", "--yes", "--reason", "it is mended"];
    assert_eq!(text(&all.run(&replay)), "1 of 1 replayed\n");
    all.comes_to("progress", "/progressViews/1", ("payStatus", "PAID"));

    // What happened in another process, as it was told here.
    let told = text(&all.run(&["deliveries", "show", "progress:progressViews:service:1"]));
    assert!(told.contains("JobOpened") || told.contains("service:1"), "{told}");
    until("a ledger that adds up", || {
        let ledger = all.run(&["ledger"]);
        ledger.status.success().then_some(())
    });
}

#[test]
fn a_context_that_feels_down_is_down_for_all() {
    let all = Deployment::start(&["--lab"]);
    all.insist(("stock", "POST"), "/stocks", INTAKE);
    let request = all.insist(("request", "POST"), "/requests", REQUEST);
    all.comes_to("service", "/services/1", ("status", "REQUESTED"));
    text(&all.run(&["lab", "stock", "down"]));
    let refused = all.ask("service", "PUT", "/services/1/accept", "").unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(all.get("stock", "/stocks").unwrap().status, 503);
    text(&all.run(&["lab", "stock", "up"]));
    all.insist(("service", "PUT"), "/services/1/accept", "");
    // The link of the customer leads to another process.
    let link = request["_links"]["progressViews"]["href"].as_str().unwrap();
    all.comes_to("progress", link, ("status", "ACCEPTED"));
}

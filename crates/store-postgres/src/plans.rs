//! How the engine goes about a statement: only by keys and indexes.

use postgres_for_tests::Server;
use runtime::store::{DeliveryKey, Filter, Query, Sort, Start};
use store_conformance::shop;

use crate::{Options, PostgresStore, ask::Ask};

#[test]
fn lists_walk_an_index_and_sort_nothing() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let store = PostgresStore::open(&url, shop::layout(), &Options::default()).expect("opened");
    let view = store.context("shop").and_then(|it| it.view("orders")).expect("declared");
    let plan = |query: &Query| plan(&url, &view.list(query).expect("a field that is indexed"));
    for descending in [false, true] {
        let way = if descending { "Scan Backward" } else { "Scan" };
        let by = |by, start, filters| {
            plan(&Query { filters, sort: Sort { by, descending }, start, size: 20 })
        };
        let after = || Start::After(Some("open".into()), 7);
        let index = format!("Index {way} using \"view/orders/status\" on \"view/orders\"");
        for start in [after(), Start::Skip(0)] {
            let steps = by(Some("status"), start, Vec::new());
            assert!(steps.contains(&index) && !steps.contains("Sort"), "{steps}");
        }
        assert!(by(Some("status"), after(), Vec::new()).contains("Index Cond: (ROW("));
        let filter = Filter { field: "status", is: "open".into() };
        let steps = by(None, Start::After(None, 7), vec![filter]);
        assert!(steps.contains(&index) && !steps.contains("Sort"), "{steps}");
        let steps = by(None, Start::After(None, 7), Vec::new());
        assert!(steps.contains("view/orders_pkey") && !steps.contains("Sort"), "{steps}");
    }
}

#[test]
fn everything_else_is_found_by_a_key() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    let store = PostgresStore::open(&url, shop::layout(), &Options::default()).expect("opened");
    let context = store.context("shop").expect("declared");
    let case = kernel::Case { kind: "Order", number: 1 };
    let deliveries = &context.deliveries;
    let key = DeliveryKey { subscription: "a".into(), source: "shop", position: 1 };
    let list = |of, stage| deliveries.list(of, stage, 9).expect("a stage that there is");
    for (ask, index) in [
        (context.journal.after(1, 9), "journal_pkey"),
        (context.journal.of_case(case, 1, 9), "journal_case"),
        (context.journal.history("Order", 1), "journal_of"),
        (context.things.numbered("Order", 1), "thing_pkey"),
        (context.things.named("Order", "pump"), "thing_name"),
        (context.answers.under(1), "answer_pkey"),
        (list(None, None), "delivery_pkey"),
        (list(Some("a"), None), "delivery_pkey"),
        (list(Some("a"), Some("parked")), "delivery_stage"),
        (deliveries.due("a", kernel::Time(1), 9), "delivery_due"),
        (deliveries.count("a", "shop"), "delivery_stage"),
        (deliveries.one(&key), "delivery_pkey"),
        (context.acts.list(Some(&key), 9), "act_about"),
        (context.acts.list(None, 9), "act_pkey"),
    ] {
        let steps = plan(&url, &ask);
        assert!(steps.contains(index), "{index}: {steps}");
        assert!(!steps.contains("Seq Scan") && !steps.contains("Sort"), "{index}: {steps}");
    }
}

/// What the engine would do where it may not do without indexes.
fn plan(url: &str, ask: &Ask) -> String {
    let nulls = vec!["NULL"; ask.bound.len()].join(", ");
    let sql = format!(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
         SET enable_bitmapscan = off; SET enable_hashagg = off; SET enable_sort = off;
         PREPARE it AS {}; EXPLAIN (COSTS OFF) EXECUTE it ({nulls})",
        ask.sql
    );
    let steps = Server::ask(url, &sql).expect("a plan");
    steps.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n")
}

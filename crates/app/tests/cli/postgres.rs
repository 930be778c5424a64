//! What happens is kept by a server.

use std::fs;

use postgres_for_tests::Server as Postgres;

use crate::program::{Server, folder, run};

#[test]
fn everything_is_kept_by_a_server_and_is_there_again() {
    let Some(postgres) = Postgres::shared() else { return };
    let (here, url) = (folder(), postgres.fresh_database());
    let server = Server::start(here.path(), &["--store", &url]);
    assert!(!server.greeting.contains("only-for-tests"), "{}", server.greeting);
    assert!(server.greeting.contains(":********@"), "{}", server.greeting);
    let id = is_repaired(&server);
    assert_eq!(server.run(&["demo", "--cases", "10"]).code, 0);
    let ledger = server.run(&["ledger"]);
    assert!(ledger.out.ends_with("adds up\n"), "{ledger:?}");
    server.kill();
    assert!(!here.path().join("data/repair.sqlite").exists());

    let server = Server::start(here.path(), &["--store", &url]);
    server.comes_to(id, "PAID");
    let again = server.run(&["ledger"]);
    assert_eq!(again.out, ledger.out);
    is_repaired(&server);
    server.signal("TERM");
    assert!(server.ended().success());
}

#[test]
fn a_context_can_have_another_engine_than_its_neighbours() {
    let Some(postgres) = Postgres::shared() else { return };
    for is_on_server in [true, false] {
        let (here, url) = (folder(), postgres.fresh_database());
        let (all, one) = if is_on_server { ("sqlite", &*url) } else { (&*url, "sqlite") };
        let file = format!("store = \"{all}\"\n[contexts.stock]\nstore = \"{one}\"\n");
        fs::write(here.path().join("madang.toml"), file).unwrap();
        let server = Server::start(here.path(), &[]);
        is_repaired(&server);
        assert!(server.run(&["ledger"]).out.ends_with("adds up\n"));
        assert!(here.path().join("data/repair.sqlite").exists());
        let schemas = "SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace
                       WHERE nspname IN ('payment', 'progress', 'request', 'service', 'stock')";
        let schemas = Postgres::ask(&url, schemas).unwrap().remove(0).remove(0).unwrap();
        let rest = "payment progress request service";
        assert_eq!(schemas, if is_on_server { "stock" } else { rest });
    }
}

#[test]
fn a_server_that_cannot_be_used_is_said_in_one_line() {
    let here = folder();
    let serve = |url: &str| {
        let ran = run(here.path(), &["serve", "repair", "--listen", "127.0.0.1:0", "--store", url]);
        assert!(!ran.err.contains("secret") && !ran.err.contains("only-for"), "{ran:?}");
        assert!(!here.path().join("data/repair.sqlite").exists());
        ran
    };
    let nobody = serve("postgres://kim:secret@127.0.0.1:1/x");
    nobody.says(73, &["postgres://kim@127.0.0.1:1/x", "refused"]);
    serve("postgres://kim:secret@h:port/x").says(73, &["not the address of a PostgreSQL"]);
    serve("mysql://kim:secret@h/x").says(2, &["--store must be sqlite or postgres://"]);

    let Some(postgres) = Postgres::own() else { return };
    serve(&postgres.url("nowhere")).says(73, &["\"nowhere\" does not exist"]);
    let url = postgres.url("postgres");
    let (before, after) = url.split_once('@').unwrap();
    let (user, _) = before.rsplit_once(':').unwrap();
    let wrong = serve(&format!("{user}:secret@{after}"));
    wrong.says(73, &["password authentication failed"]);
}

#[test]
fn who_moves_to_a_server_does_not_forget_what_happened() {
    let Some(postgres) = Postgres::shared() else { return };
    let (here, url) = (folder(), postgres.fresh_database());
    let server = Server::start(here.path(), &[]);
    server.request("1");
    server.signal("TERM");
    assert!(server.ended().success());
    let serve = ["serve", "repair", "--listen", "127.0.0.1:0", "--store", &url];
    run(here.path(), &serve).says(73, &["has its history in", "repair.sqlite"]);
}

#[test]
fn what_is_set_is_shown_without_a_password() {
    let here = folder();
    let file = "store = \"postgres://kim:secret@h/x\"\n[contexts.stock]\nstore = \"sqlite\"\n";
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let shown = run(here.path(), &["config"]);
    assert!(shown.out.contains("postgres://kim:********@h/x"), "{shown:?}");
    assert!(shown.out.contains("contexts.stock.store"), "{shown:?}");
    assert!(!shown.out.contains("secret"), "{shown:?}");
    let file = "[contexts.stock]\nstore = \"postgres://kim:secret@h/x\"\ndatabase = \"a\"\n";
    fs::write(here.path().join("madang.toml"), file).unwrap();
    run(here.path(), &["config"]).says(2, &["madang.toml:", "[contexts.stock] database is"]);
}

/// A job, from the wish to the money.
fn is_repaired(server: &Server) -> u64 {
    let intake = r#"{"relatedProductId":"1","stock":5,"unitPrice":5000}"#;
    assert_eq!(server.post("/repair/stocks", intake).status, 201);
    let id = server.request("1");
    let accepted = server.put(&format!("/services/{id}/accept"));
    assert_eq!(accepted.body["status"], "ACCEPTED", "{accepted:?}");
    let repaired = server.put(&format!("/services/{id}/product-repair"));
    assert_eq!(repaired.body["status"], "PAID", "{repaired:?}");
    id
}

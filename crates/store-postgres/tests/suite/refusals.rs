//! What is not opened, and that it stays as it was.

use postgres_for_tests::Server;
use runtime::store::Layout;
use store_conformance::{shop, write_a_bit_of_everything};
use store_postgres::{OpenError, Options, PostgresStore, Why};

use crate::open;

#[test]
fn a_newer_schema_stays_as_it_is() {
    let Some((_, url)) = written() else { return };
    Server::ask(&url, "UPDATE shop.madang SET tables = 7").unwrap();
    let error = refused(&url, shop::layout());
    assert!(matches!(error.why, Why::Newer { found: 7, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("shop was written by a newer version of this program"));
}

#[test]
fn a_schema_of_somebody_else_stays_as_it_is() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    Server::ask(&url, "CREATE SCHEMA shop CREATE TABLE theirs (it INT)").unwrap();
    let error = refused(&url, shop::layout());
    assert!(matches!(&error.why, Why::NotOurs(schema) if schema == "shop"), "{error}");
}

#[test]
fn a_schema_that_was_made_for_us_is_taken() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    Server::ask(&url, "CREATE SCHEMA shop").unwrap();
    write_a_bit_of_everything(&open(&url, shop::layout()));
}

#[test]
fn an_event_that_nobody_knows_stops_the_start() {
    let Some((_, url)) = written() else { return };
    let mut layout = shop::layout();
    layout.contexts[0].events.retain(|(name, _)| *name != "OrderPaid");
    let error = refused(&url, layout);
    assert!(error.to_string().contains("the journal of shop holds OrderPaid"), "{error}");
}

#[test]
fn an_event_in_a_newer_shape_stops_the_start() {
    let Some((_, url)) = written() else { return };
    let mut layout = shop::layout();
    layout.contexts[0].events.iter_mut().for_each(|(_, version)| *version = 0);
    let error = refused(&url, layout);
    assert!(matches!(error.why, Why::NewerEvent { found: 1, known: 0, .. }), "{error}");
}

#[test]
fn a_name_that_would_be_cut_off_is_not_taken() {
    let Some(server) = Server::shared() else { return };
    let mut layout = shop::layout();
    layout.contexts[0].views[0].name = "a-view-of-which-nobody-will-ever-know-why-it-is-called-so";
    let error = refused(&server.fresh_database(), layout);
    assert!(matches!(error.why, Why::LongName(_)), "{error}");
}

#[test]
fn a_wrong_password_is_said_without_it() {
    let Some(server) = Server::own() else { return };
    let url = server.fresh_database();
    let (before, after) = url.split_once('@').unwrap();
    let (user, _) = before.rsplit_once(':').unwrap();
    let error = refused(&format!("{user}:no-secret@{after}"), shop::layout());
    assert!(error.to_string().contains("password authentication failed"), "{error}");
}

#[test]
fn where_there_is_no_database_it_is_said_which() {
    let Some(server) = Server::shared() else { return };
    let error = refused(&server.url("nowhere"), shop::layout());
    assert!(error.to_string().contains("database \"nowhere\" does not exist"), "{error}");
}

#[test]
fn where_nobody_listens_it_is_said_where() {
    let error = refused("postgres://kim:secret@127.0.0.1:1/x", shop::layout());
    let line = "postgres://kim@127.0.0.1:1/x: it cannot be opened: error connecting to server";
    assert!(error.to_string().starts_with(line), "{error}");
}

#[test]
fn what_is_no_address_is_not_repeated() {
    for url in ["", "sqlite", "postgres://kim:se%zzcret@h/x", "postgres://kim:secret@h:port/x"] {
        let error = refused(url, shop::layout());
        assert!(matches!(error.why, Why::NoAddress | Why::Unreachable(_)), "{error}");
    }
}

#[test]
fn what_is_kept_elsewhere_now_is_found() {
    let Some((_, url)) = written() else { return };
    let mut layout = shop::layout();
    layout.contexts.remove(0);
    assert_eq!(open(&url, layout).left_behind().unwrap(), ["shop"]);
    assert_eq!(open(&url, shop::layout()).left_behind().unwrap(), Vec::<String>::new());
}

/// A database with a bit of everything in it.
fn written() -> Option<(&'static Server, String)> {
    let server = Server::shared()?;
    let url = server.fresh_database();
    write_a_bit_of_everything(&open(&url, shop::layout()));
    Some((server, url))
}

/// Nothing in it changes, and its line is one line without the password.
fn refused(url: &str, layout: Layout) -> OpenError {
    let tables = "SELECT n.nspname, c.relname FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2";
    let before = Server::ask(url, tables);
    let error = PostgresStore::open(url, layout, &Options::default()).unwrap_err();
    assert_eq!(Server::ask(url, tables).ok(), before.ok());
    let line = error.to_string();
    assert!(
        !line.contains('\n') && !line.contains("secret") && !line.contains("only-for"),
        "{line}"
    );
    error
}

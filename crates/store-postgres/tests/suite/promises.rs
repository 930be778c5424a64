//! What every store promises.

use std::time::Duration;

use postgres_for_tests::Server;
use store_conformance::{Outage, check, check_lasting, check_outage, check_shared, shop};
use store_postgres::{Options, PostgresStore};

use crate::shared;

#[test]
fn every_promise_is_kept() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    check(|| emptied(&url), |url, layout| shared(url, layout));
}

#[test]
fn what_is_kept_is_there_when_it_is_opened_again() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    check_lasting(|| emptied(&url), |url, layout| shared(url, layout));
}

#[test]
fn several_write_to_the_same_database() {
    let Some(server) = Server::shared() else { return };
    let url = server.fresh_database();
    check_shared(|| emptied(&url), |url, layout| shared(url, layout));
}

#[test]
fn a_server_that_holds_its_breath_holds_nobody_up() {
    struct Held(Server);
    impl Outage for Held {
        fn cut(&mut self) {
            self.0.pause();
        }
        fn mend(&mut self) {
            self.0.resume();
        }
    }
    let Some(server) = Server::own() else { return };
    is_out_of_reach_for_a_while(&server.fresh_database(), &mut Held(server));
}

#[test]
fn a_server_that_dies_and_comes_back_is_found_again() {
    struct Died(Server);
    impl Outage for Died {
        fn cut(&mut self) {
            self.0.crash();
        }
        fn mend(&mut self) {
            self.0.start_again();
        }
    }
    let Some(server) = Server::own() else { return };
    is_out_of_reach_for_a_while(&server.fresh_database(), &mut Died(server));
}

/// The same database, and nothing of ours in it: a new one takes much longer.
fn emptied(url: &str) -> String {
    Server::ask(url, "DROP SCHEMA IF EXISTS shop, billing CASCADE").unwrap();
    url.to_owned()
}

fn is_out_of_reach_for_a_while(url: &str, outage: &mut dyn Outage) {
    let options = Options::default();
    let store = PostgresStore::open(url, shop::layout(), &options).unwrap();
    // A commit waits for two answers at the most, and a loaded machine for itself.
    let patience = options.deadline * 2 + Duration::from_secs(1);
    check_outage(&store, outage, patience, Duration::from_secs(5));
}

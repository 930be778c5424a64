//! The server that tests disturb comes back as it was.

use postgres_for_tests::Server;

#[test]
fn what_was_committed_is_there_after_a_crash() {
    let Some(server) = Server::own() else { return };
    let url = server.fresh_database();
    Server::ask(&url, "CREATE TABLE it (what TEXT); INSERT INTO it VALUES ('kept')").unwrap();
    server.crash();
    assert!(Server::ask(&url, "SELECT 1").is_err());
    server.start_again();
    let kept = Server::ask(&url, "SELECT what FROM it").unwrap();
    assert_eq!(kept, [[Some("kept".to_owned())]]);

    server.pause();
    server.resume();
    assert_eq!(Server::ask(&url, "SHOW fsync").unwrap(), [[Some("on".to_owned())]]);
    assert_ne!(server.fresh_database(), url);
}

//! Being asked to end.

use std::thread;

use crate::program::{Server, folder, until};

#[test]
fn what_is_in_work_is_finished_first() {
    let here = folder();
    let server = Server::start(here.path(), &["--lab"]);
    let id = server.request("1");
    assert_eq!(server.run(&["lab", "request", "slow", "700ms"]).code, 0);
    let path = format!("/requests/{id}/servicecancel");
    thread::scope(|scope| {
        let asked = scope.spawn(|| server.put(&path));
        // Who comes while it still accepts is served too.
        server.signal("TERM");
        let answer = asked.join().unwrap();
        assert!(answer.status < 300, "{answer:?}");
    });
    assert_eq!(server.ended().code(), Some(0));
    let server = Server::start(here.path(), &[]);
    server.comes_to(id, "CANCELED");
}

#[test]
fn who_asks_twice_does_not_wait() {
    let here = folder();
    let server = Server::start(here.path(), &["--lab"]);
    server.signal("INT");
    until("draining", || (server.get("/readyz").status == 503).then_some(()));
    server.signal("INT");
    assert_eq!(server.ended().code(), Some(130));
}

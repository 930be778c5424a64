//! Views rebuilt beside the rows that are shown, in a real process: somebody
//! writes to the file by hand, and somebody kills the process.

use std::{path::Path, thread};

use rusqlite::Connection;
use serde_json::json;

use crate::program::{Server, folder, until};

#[test]
fn what_was_written_by_hand_is_found_and_mended() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    let ids = [server.request("1"), server.request("2"), server.request("3")];
    let before = ids.map(|id| server.get(&format!("/services/{id}")).body);
    server.kill();

    let services = "UPDATE \"service/view/services\" SET row =";
    doctor(here.path(), &format!("{services} json_set(row, '$.price', 99) WHERE number = 1"));
    doctor(here.path(), &format!("{services} '{{no row' WHERE number = 2"));
    let server = Server::start(here.path(), &[]);
    assert_eq!(server.get("/services/1").body["price"], 99);
    let bad = server.get("/services/2");
    assert_eq!((bad.status, &bad.body["type"]), (500, &json!("/problems/bad-row")));
    let list = server.get("/services").body;
    let shown = list["_embedded"]["services"].as_array().unwrap();
    assert_eq!(shown.iter().map(|it| &it["id"]).collect::<Vec<_>>(), [1, 3], "{list}");
    assert_eq!(list["problems"][0]["id"], 2, "{list}");
    assert_eq!(list["page"]["totalElements"], 3);

    // The job itself is as well as ever: it is only not shown.
    assert_eq!(server.put("/requests/2/servicecancel").status, 200);
    let first = server.run(&["views", "rebuild", "services"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.out.starts_with("same 1, changed 2, missing 0, extra 0\n"), "{first:?}");
    assert!(first.out.contains("price") && first.out.contains("99"), "{first:?}");
    assert!(first.out.contains("nothing has been switched"), "{first:?}");
    server.run(&["views", "rebuild", "services"]).says(1, &["services", "switch", "409"]);
    assert_eq!(server.get("/services/1").body["price"], 99, "until the word is given");

    let switched = server.run(&["views", "rebuild", "services", "--switch"]);
    assert!(switched.out.ends_with("services: switched; 3 rows are shown\n"), "{switched:?}");
    for (id, before) in ids.into_iter().zip(before).filter(|(id, _)| *id != 2) {
        assert_eq!(server.get(&format!("/services/{id}")).body["price"], before["price"]);
    }
    until("the mended row", || {
        (server.get("/services/2").body["status"] == "CANCELED").then_some(())
    });
    server.run(&["views", "rebuild", "nothing"]).says(1, &["nothing", "404"]);
    server.run(&["views", "cancel", "services"]).says(1, &["409"]);
    assert!(server.run(&["views"]).out.contains("switched"));
}

#[test]
fn killed_while_commands_go_on_it_shows_the_old_rows_and_no_shadow_is_left() {
    let here = folder();
    let mut server = Server::start(here.path(), &[]);
    for round in 1..=4 {
        thread::scope(|scope| {
            let asking = scope.spawn(|| (0..5).map(|_| server.request("1")).collect::<Vec<_>>());
            for view in ["services", "progressViews"] {
                server.post(&format!("/ops/views/{view}/rebuild"), "");
                // The later the round, the further the rebuild gets.
                if round > 2 {
                    ready(&server, view);
                }
                if round > 3 {
                    let switched = server.post(&format!("/ops/views/{view}/switch"), "");
                    assert_eq!(switched.status, 200, "{switched:?}");
                    assert_eq!(switched.body["rebuild"]["difference"]["changed"], 0);
                }
            }
            asking.join().unwrap();
        });
        let count = server.get("/services").body["page"]["totalElements"].clone();
        server.kill();
        server = Server::start(here.path(), &[]);
        assert_eq!(tables(here.path(), "%/shadow/%"), 0);
        assert_eq!(server.get("/services").body["page"]["totalElements"], count);
        let list = server.get("/ops/views").body;
        assert!(list["views"].as_array().unwrap().iter().all(|it| it["rebuild"].is_null()));
    }
    for view in ["services", "progressViews", "requests"] {
        let rebuilt = server.run(&["views", "rebuild", view]);
        assert!(rebuilt.out.starts_with("same 20, changed 0, missing 0, extra 0"), "{rebuilt:?}");
    }
    assert_eq!(server.run(&["ledger"]).code, 0);
}

fn ready(server: &Server, view: &str) {
    until("the rebuild", || {
        let rebuild = server.get(&format!("/ops/views/{view}")).body["rebuild"].clone();
        assert_ne!(rebuild["phase"], "failed", "{rebuild}");
        (rebuild["phase"] == "ready").then_some(())
    });
}

fn doctor(folder: &Path, sql: &str) {
    let connection = open(folder);
    assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
    connection.close().unwrap();
}

fn tables(folder: &Path, like: &str) -> u32 {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE ?1";
    open(folder).query_one(sql, [like], |row| row.get(0)).unwrap()
}

fn open(folder: &Path) -> Connection {
    Connection::open(folder.join("data").join("repair.sqlite")).unwrap()
}

//! What is kept, and what is never touched.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::program::{Server, folder, run};

#[test]
fn everything_is_there_after_the_power_failed() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    let intake = r#"{"relatedProductId":"1","stock":5,"unitPrice":5000}"#;
    assert_eq!(server.post("/stocks", intake).status, 201);
    let ids: Vec<_> = (0..5).map(|_| server.request("1")).collect();
    assert!(server.put(&format!("/services/{}/accept", ids[0])).status < 300);
    server.comes_to(ids[0], "ACCEPTED");
    // Its acknowledgement is all that is waited for: the rest must go on by itself.
    assert!(server.put(&format!("/services/{}/product-repair", ids[0])).status < 300);
    server.kill();

    let server = Server::start(here.path(), &[]);
    server.comes_to(ids[0], "PAID");
    for id in &ids[1..] {
        server.comes_to(*id, "REQUESTED");
    }
    assert_eq!(server.get("/stocks/product/1").body["stock"], 4);
    let ledger = server.run(&["ledger"]);
    assert_eq!(ledger.code, 0, "{ledger:?}");
}

#[test]
fn a_database_that_fails_ends_the_server_and_keeps_what_was_acknowledged() {
    let here = folder();
    let server = Server::cramped(here.path(), 1200);
    let body = r#"{"symptom":"물이 새요","productId":"1","customerName":"허윤"}"#;
    let mut acknowledged = 0;
    while server.post("/requests", body).status == 201 {
        acknowledged += 1;
    }
    assert_eq!(server.ended().code(), Some(70));
    let server = Server::start(here.path(), &[]);
    for id in 1..=acknowledged {
        server.comes_to(id, "REQUESTED");
    }
    assert_eq!(server.run(&["ledger"]).code, 0);
}

#[test]
fn a_context_may_have_a_database_of_its_own() {
    let here = folder();
    let file = "data = \"d\"\n[contexts.stock]\ndatabase = \"stock.sqlite\"\n";
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let server = Server::start(here.path(), &[]);
    let intake = r#"{"relatedProductId":"1","stock":1,"unitPrice":5000}"#;
    assert_eq!(server.post("/stocks", intake).status, 201);
    let id = server.request("1");
    assert!(server.put(&format!("/services/{id}/accept")).status < 300);
    server.comes_to(id, "ACCEPTED");
    assert!(here.path().join("d/stock.sqlite").exists());
}

#[test]
fn a_context_does_not_leave_its_history_behind() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    let id = server.request("1");
    server.comes_to(id, "REQUESTED");
    server.signal("TERM");
    assert!(server.ended().success());
    fs::write(here.path().join("madang.toml"), "[contexts.service]\ndatabase = \"own.sqlite\"\n")
        .unwrap();
    let ran = run(here.path(), &["serve", "--listen", "127.0.0.1:0"]);
    ran.says(73, &["service has its history in", "repair.sqlite"]);
    assert!(!here.path().join("data/own.sqlite").exists());
}

#[test]
fn a_directory_in_use_is_left_alone() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    let id = server.request("1");
    let ran = run(here.path(), &["serve", "--listen", "127.0.0.1:0"]);
    ran.says(73, &["repair.sqlite", "in use"]);
    server.comes_to(id, "REQUESTED");
}

#[test]
fn a_directory_that_cannot_be_one_is_refused() {
    let here = folder();
    fs::write(here.path().join("data"), "a file").unwrap();
    run(here.path(), &["serve", "--listen", "127.0.0.1:0"]).says(73, &["data"]);
    assert_eq!(fs::read_to_string(here.path().join("data")).unwrap(), "a file");
}

#[test]
fn what_is_newer_or_damaged_keeps_every_byte() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    server.request("1");
    server.signal("TERM");
    assert!(server.ended().success());
    let file = here.path().join("data/repair.sqlite");
    let good = fs::read(&file).unwrap();

    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    let mut foreign = good.clone();
    foreign[68..72].copy_from_slice(&7_u32.to_be_bytes());
    let half = good[..good.len() / 2].to_vec();
    for (bytes, word) in [
        (newer, "newer version"),
        (foreign, "not a database of this program"),
        (half, "damaged"),
        (b"not a database at all".to_vec(), "not a database of this program"),
    ] {
        fs::write(&file, bytes).unwrap();
        let before = contents(here.path());
        let ran = run(here.path(), &["serve", "--listen", "127.0.0.1:0"]);
        ran.says(73, &["repair.sqlite", word]);
        assert!(contents(here.path()) == before, "{word}: something was touched");
    }
    fs::write(&file, good).unwrap();
    assert_eq!(Server::start(here.path(), &[]).get("/services/1").body["status"], "REQUESTED");
}

/// Every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_copy_is_of_one_moment_and_can_be_served_in_place_of_the_data() {
    let here = folder();
    let file = "[contexts.stock]\ndatabase = \"stock.sqlite\"\n";
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let server = Server::start(here.path(), &[]);
    let first = server.request("1");
    let copied = run(here.path(), &["backup", "copy"]);
    assert_eq!(copied.code, 0, "{copied:?}");
    for name in ["repair.sqlite", "stock.sqlite", "repair-payment-provider.sqlite"] {
        assert!(here.path().join("copy").join(name).exists(), "{name}: {copied:?}");
    }
    let second = server.request("1");
    run(here.path(), &["backup", "copy"]).says(73, &["copy", "already"]);
    run(here.path(), &["backup", "other", "--data", "nowhere"]).says(73, &["no data", "nowhere"]);
    assert!(!here.path().join("other").exists());

    let copy = Server::start(here.path(), &["--data", "copy"]);
    copy.comes_to(first, "REQUESTED");
    assert_eq!(copy.get(&format!("/requests/{second}")).status, 404);
    assert_eq!(copy.run(&["ledger"]).code, 0);
}

#[test]
fn what_is_kept_elsewhere_is_not_left_out_of_a_copy_in_silence() {
    let (here, elsewhere) = (folder(), folder());
    let stock = elsewhere.path().join("stock.sqlite");
    let file = format!("[contexts.stock]\ndatabase = \"{}\"\n", stock.display());
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let server = Server::start(here.path(), &[]);
    server.request("1");
    run(here.path(), &["backup", "copy"]).says(2, &["stock.sqlite", "outside"]);
    assert!(!here.path().join("copy").exists());
}

//! A context that two processes serve, at two addresses, over one database.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Stdio},
};

use postgres_for_tests::Server as Postgres;

use crate::{
    deployment::{ask, madang, until},
    walk::{INTAKE, REQUEST},
};

/// A process that is killed with the test.
struct Process(Child);

#[test]
fn while_one_of_two_is_gone_nobody_notices() {
    let Some(postgres) = Postgres::shared() else { return };
    let here = tempfile::tempdir().unwrap();
    let [front, one, other] = free_ports();
    let at = |port: u16| format!("http://127.0.0.1:{port}");
    let mut file = format!("store = \"{}\"\nkeys = \"keys\"\n", postgres.fresh_database());
    for context in ["request", "service", "payment", "progress"] {
        writeln!(file, "[contexts.{context}]\nat = \"{}\"", at(front)).unwrap();
    }
    writeln!(file, "[contexts.stock]\nat = [\"{}\", \"{}\"]", at(one), at(other)).unwrap();
    fs::write(here.path().join("madang.toml"), file).unwrap();
    // In the middle of a rotation some sign with the old key, some with the new one.
    let (old, new) = ("o".repeat(40), "n".repeat(40));
    fs::write(here.path().join("keys"), format!("{old}\n{new}\n")).unwrap();
    let first = Process::start(here.path(), "stock", one);
    let _second = Process::start(here.path(), "stock", other);
    fs::write(here.path().join("keys"), format!("{new}\n{old}\n")).unwrap();
    let _front = Process::start(here.path(), "request,service,payment,progress", front);

    let post = |port, path: &str, body: &str| ask("POST", &format!("{}{path}", at(port)), body);
    assert_eq!(post(one, "/stocks", INTAKE).unwrap().status, 201);
    let accepted = |id: u64| {
        assert_eq!(post(front, "/requests", REQUEST).unwrap().body["id"], id);
        let job = format!("{}/services/{id}", at(front));
        until("a job", || (ask("GET", &job, "")?.status == 200).then_some(()));
        let answer = ask("PUT", &format!("{job}/accept"), "").unwrap();
        // 202 where the one that held the lease has just gone: another takes it over.
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        until("its acceptance", || {
            (ask("GET", &job, "")?.body["status"] == "ACCEPTED").then_some(())
        });
    };
    (1..=4).for_each(accepted);
    drop(first);
    (5..=8).for_each(accepted);
    let part = ask("GET", &format!("{}/stocks/product/1", at(other)), "").unwrap().body;
    assert_eq!((&part["available"], &part["reserved"]), (&1.into(), &8.into()), "{part}");
}

impl Process {
    fn start(folder: &Path, contexts: &str, port: u16) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let words = ["serve", "repair", "--context", contexts, "--listen", &listen];
        let mut command = madang(folder, &words);
        let log = fs::File::create(folder.join(format!("{port}.log"))).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(!said.is_empty(), "{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        Self(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Held until all are known, so that none comes twice.
fn free_ports() -> [u16; 3] {
    let held = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|it| it.local_addr().unwrap().port())
}

//! One address in front of several processes.

use std::fs;

use serde_json::json;

use crate::program::{Ran, Server, folder, madang, run, until};

#[test]
fn two_processes_are_one_to_whoever_comes_through_the_gateway() {
    let (one, other, here) = (folder(), folder(), folder());
    let (most, stock) = (Server::start(one.path(), &[]), Server::start(other.path(), &[]));
    // Here, one of them is asked about stock and the other about everything else.
    let at = |server: &Server| server.url.trim_start_matches("http://").to_owned();
    let file = format!(
        "[gateway]\nrate = 0\nat = [\"{}\"]\n\n[contexts.stock]\nat = [\"{}\"]\n",
        at(&most),
        stock.url
    );
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let gateway = Server::gateway(here.path(), &[]);
    assert!(gateway.greeting.contains(&format!("stock  {}\n", at(&stock))));
    gateway.request("1");
    let intake = r#"{"relatedProductId":"1","stock":5,"unitPrice":5000}"#;
    assert_eq!(gateway.post("/repair/stocks", intake).status, 201);
    assert_eq!(most.get("/requests/1").status, 200);
    assert_eq!((most.get("/stocks/1").status, stock.get("/stocks/1").status), (404, 200));

    let operators = gateway.greeting.rsplit("http://").next().unwrap().trim();
    let ledger = run(here.path(), &["ledger", "--url", &format!("http://{operators}")]);
    assert_eq!((ledger.code, ledger.out.lines().last()), (0, Some("adds up")), "{ledger:?}");

    stock.kill();
    let gone = gateway.get("/stocks/1");
    assert_eq!((gone.status, &gone.body["type"]), (503, &json!("/problems/unavailable")));
    assert!(gone.body["detail"].as_str().unwrap().contains("stock"), "{gone:?}");
    assert_eq!(gateway.get("/requests/1").status, 200, "nobody else is away");
    until("readiness says what is missing", || {
        let ready = gateway.get("/readyz");
        (ready.body["missing"] == json!(["nobody serves stock"])).then_some(())
    });
    gateway.signal("TERM");
    assert_eq!(gateway.ended().code(), Some(0));
}

#[test]
fn a_gateway_must_know_where_to_go() {
    let here = folder();
    let gateway = |more: &[&str]| run(here.path(), &[&["gateway"], more].concat());
    gateway(&[]).says(2, &["--at"]);
    gateway(&["--at", "stokc=127.0.0.1:1"]).says(2, &["\"stokc\"", "request"]);
    gateway(&["--at", "nowhere"]).says(2, &["--at must be", "host:port"]);
    gateway(&["--at", "127.0.0.1:1", "--listen", "0.0.0.0:0"]).says(2, &["--open"]);
    gateway(&["repare", "--at", "127.0.0.1:1"]).says(2, &["\"repare\"", "repair"]);
}

#[test]
fn what_is_set_of_a_gateway_is_shown_with_where_it_came_from() {
    let here = folder();
    let file = "[gateway]\nlisten = \"127.0.0.1:1\"\nat = [\"a:1\", \"b:1\"]\n\n\
                [contexts.stock]\nat = [\"http://c:1\", \"http://d:1\"]\n";
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let mut command = madang(here.path());
    command.env("MADANG_GATEWAY_LISTEN", "127.0.0.1:2").args(["config", "--gateway.rate", "7"]);
    let shown = Ran::of(&command.output().unwrap());
    let lines: Vec<_> = shown.out.lines().map(|it| it.split_whitespace().collect()).collect();
    let lines: Vec<String> = lines.into_iter().map(|it: Vec<_>| it.join(" ")).collect();
    for expected in [
        "listen 127.0.0.1:8080 default",
        "gateway.listen 127.0.0.1:2 MADANG_GATEWAY_LISTEN",
        "gateway.at a:1,b:1 madang.toml:3",
        "gateway.rate 7 --gateway.rate",
        "contexts.stock.at http://c:1,http://d:1 madang.toml:6",
    ] {
        assert!(lines.iter().any(|it| it == expected), "{expected}: {}", shown.out);
    }
}

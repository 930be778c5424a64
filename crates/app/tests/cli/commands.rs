//! What needs no server.

use std::{fs, net::TcpListener};

use crate::program::{Ran, folder, madang, run};

#[test]
fn the_boards_are_drawn() {
    let here = folder();
    let text = run(here.path(), &["board", "repair"]);
    assert_eq!(text.code, 0);
    assert_eq!(text.out, include_str!("../../../../boards/appliance-repair.txt"));
    let mermaid = run(here.path(), &["board", "--format", "mermaid"]);
    assert!(mermaid.out.starts_with("flowchart LR\n"), "{mermaid:?}");
}

#[test]
fn the_description_is_printed() {
    let described = run(folder().path(), &["openapi"]);
    assert!(described.out.contains("\"openapi\": \"3.1"), "{described:?}");
    assert!(described.out.contains("servicecancel"));
}

#[test]
fn an_unknown_system_lists_the_known_ones() {
    for command in ["serve", "board", "openapi"] {
        run(folder().path(), &[command, "repare"]).says(2, &["\"repare\"", "repair"]);
    }
}

#[test]
fn there_are_completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(folder().path(), &["completions", shell]);
        assert_eq!(script.code, 0);
        assert!(script.out.contains("deliveries"), "{shell}");
    }
}

#[test]
fn the_exit_codes_are_told() {
    let help = run(folder().path(), &["--help"]);
    for code in [" 0 ", " 1 ", " 2 ", "69 ", "70 ", "73 ", "75 "] {
        assert!(help.out.contains(code), "{code}");
    }
    assert_eq!(run(folder().path(), &["sevre"]).code, 2);
}

#[test]
fn flags_are_stronger_than_the_environment_and_that_than_the_file() {
    let here = folder();
    let file = "listen = \"127.0.0.1:1\"\ndata = \"a\"\nlab = true\nsee-through = 7\n\n\
                [contexts.stock]\ndatabase = \"stock.sqlite\"\n";
    fs::write(here.path().join("madang.toml"), file).unwrap();
    let mut command = madang(here.path());
    command.env("MADANG_LISTEN", "127.0.0.1:2").env("MADANG_DATA", "b").env("MADANG_OPEN", "");
    let shown = Ran::of(&command.args(["config", "--data", "c", "--lab=false"]).output().unwrap());
    for expected in [
        "setting value from",
        "listen 127.0.0.1:2 MADANG_LISTEN",
        "context-ports - default",
        "data c --data",
        "lab false --lab",
        "open false default",
        "see-through 7 madang.toml:4",
        "url http://127.0.0.1:8080 default",
        "contexts.stock.database stock.sqlite madang.toml:7",
    ] {
        let lines: Vec<_> = shown.out.lines().map(squeezed).collect();
        assert!(lines.contains(&expected.to_owned()), "{expected}: {lines:#?}");
    }
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let here = folder();
    run(here.path(), &["config", "--config", "no.toml"]).says(2, &["no.toml"]);
    fs::write(here.path().join("my.toml"), "lab = true").unwrap();
    let shown = run(here.path(), &["config", "--config", "my.toml"]);
    assert!(shown.out.contains("my.toml:1"), "{shown:?}");
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_line() {
    for (text, words) in [
        ("data = \"a\"\nlisen = \"b\"", ["madang.toml:2", "\"lisen\"", "listen"]),
        ("[contexts.shop]\ndatabase = \"b\"", ["madang.toml:1", "\"shop\"", "payment"]),
        ("[contexts.stock]\nfile = \"b\"", ["madang.toml:2", "\"file\"", "database"]),
        ("\nsee-through = -1", ["madang.toml:2", "see-through", "\"-1\""]),
        ("lab = ", ["madang.toml:1", "", ""]),
    ] {
        let here = folder();
        fs::write(here.path().join("madang.toml"), text).unwrap();
        for command in ["serve", "config", "lab"] {
            run(here.path(), &[command]).says(2, &words);
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_told_how_to_start() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}");
    for command in ["events", "deliveries", "ledger", "lab", "demo"] {
        let ran = run(folder().path(), &[command, "--url", &url]);
        assert_eq!(ran.code, 69, "{ran:?}");
        assert!(ran.err.contains(&url) && ran.err.contains("madang serve"), "{ran:?}");
    }
    run(folder().path(), &["lab", "--url", "https://a"]).says(2, &["--url", "http://"]);
}

#[test]
fn an_address_that_others_can_reach_wants_a_word() {
    let here = folder();
    let ran = run(here.path(), &["serve", "--listen", "0.0.0.0:0"]);
    ran.says(2, &["0.0.0.0", "--open"]);
    run(here.path(), &["serve", "--listen", "nowhere"]).says(2, &["\"nowhere\""]);
    assert!(!here.path().join("data").exists());
}

#[test]
fn a_port_in_use_leaves_no_trace() {
    let here = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(here.path(), &["serve", "--listen", &address]).says(75, &[&address, "already"]);
    let port = taken.local_addr().unwrap().port().to_string();
    let args = ["serve", "--listen", "127.0.0.1:0", "--context-ports", &port];
    run(here.path(), &args).says(75, &[&address]);
    assert!(!here.path().join("data").exists());
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

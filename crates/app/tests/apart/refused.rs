//! What cannot be a deployment is refused at the start, with its line.

use std::fs;

use crate::deployment::madang;

const AT: &str = "at = \"http://127.0.0.1:1\"\n";

#[test]
fn what_cannot_be_served_apart_is_refused_with_its_line() {
    let only_stock = &["serve", "repair", "--context", "stock"][..];
    let apart = &["apart", "repair"][..];
    let twice = format!("[contexts.stock]\n{AT}[contexts.stock]\n{AT}");
    let together = format!("[contexts.stock]\n{AT}[contexts.payment]\n{AT}");
    let one_file = "[contexts.stock]\ndatabase = \"a\"\n[contexts.payment]\ndatabase = \"a\"\n";
    let two = "[contexts.stock]\nat = [\"http://a:1\", \"http://b:1\"]\n";
    let lost = "keys = \"k\"\n[contexts.request]\n".to_owned()
        + AT
        + "[contexts.service]\n\n[contexts.payment]\n"
        + AT;
    for (file, command, words) in [
        (twice.as_str(), only_stock, &["madang.toml:3:", "duplicate key"][..]),
        ("[contexts.shop]\n", only_stock, &["madang.toml:1:", "unknown context \"shop\""]),
        ("context = \"stock,stock\"\n", &["serve", "repair"], &["madang.toml:1:", "twice"]),
        ("\ncontext = \"shop\"\n", &["serve", "repair"], &["madang.toml:2:", "\"shop\""]),
        ("[contexts.request]\nat = \"a:1\"\n", only_stock, &["madang.toml:2:", "http://HOST:PORT"]),
        ("[contexts.stock]\nat = [1, [2]]\n", only_stock, &["madang.toml:2:", "at must be"]),
        (&lost, only_stock, &["madang.toml:4: service is not served here"]),
        ("", only_stock, &["--context: request is not served here", "[contexts.request]"]),
        ("bus = \"x\"\n", only_stock, &["madang.toml:1: bus must be kafka://"]),
        ("context = \"stock\"\n", apart, &["madang.toml:1: apart serves every context"]),
        (&together, apart, &["madang.toml:4: stock and payment are both at", "madang.toml"]),
        (one_file, apart, &["madang.toml:4: stock and payment are both kept in a"]),
        (two, apart, &["madang.toml:2: apart starts one process for stock"]),
    ] {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("madang.toml"), file).unwrap();
        let output = madang(here.path(), command).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{file}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(!here.path().join("data").exists(), "{file}: nothing is made");
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    let here = tempfile::tempdir().unwrap();
    let others = ["request", "service", "payment", "progress"];
    let places = others.map(|it| format!("[contexts.{it}]\n{AT}")).concat();
    for (keys, word) in [
        ("", "set keys"),
        ("keys = \"none\"\n", "none cannot be read"),
        ("keys = \"short\"\n", "line 1 of short"),
    ] {
        fs::write(here.path().join("short"), "secret\n").unwrap();
        fs::write(here.path().join("madang.toml"), keys.to_owned() + &places).unwrap();
        let command = ["serve", "repair", "--context", "stock", "--listen", "127.0.0.1:0"];
        let output = madang(here.path(), &command).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{word}: {said}");
    }
}

//! What the compiler cannot say about the shape of the code.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The most lines of a file: a ratchet, not a goal.
const FILE: usize = 500;
/// The most lines of a function.
const FUNCTION: usize = 70;
/// The most characters of a line.
const LINE: usize = 100;

/// A context has two doors: `contract`, what it tells the others, and `port`,
/// what it needs from them. The compiler keeps everything else inside, as long
/// as nobody adds another `pub` to its `mod.rs`.
#[test]
fn a_context_has_two_doors() {
    let allowed = ["pub mod contract;", "pub mod port;", "pub fn context() -> Context {"];
    let contexts: Vec<_> = contexts().collect();
    assert!(!contexts.is_empty());
    for context in contexts {
        for line in fs::read_to_string(&context).unwrap().lines().map(str::trim) {
            let closed = !line.starts_with("pub") || allowed.contains(&line);
            assert!(closed, "{}: `{line}` opens another door", context.display());
        }
    }
}

#[test]
fn files_and_lines_stay_small() {
    let mut wrong = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.display();
        if text.lines().count() > FILE {
            wrong.push(format!("{name} has more than {FILE} lines"));
        }
        for (number, line) in (1..).zip(text.lines()) {
            if line.chars().count() > LINE && !line.contains('"') {
                wrong.push(format!("{name}:{number} is longer than {LINE} characters"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A function begins at a line with `fn` and ends at a brace as far to the left.
#[test]
fn functions_stay_small() {
    let mut wrong = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let mut signature = lines[number..].iter();
            if signature.find(|it| it.ends_with(['{', ';'])).is_none_or(|it| it.ends_with(';')) {
                continue; // a trait promises it, and it has no body
            }
            let indent = &line[..line.len() - line.trim_start().len()];
            let end = lines[number..].iter().position(|it| *it == format!("{indent}}}"));
            if end.is_some_and(|length| length + 1 > FUNCTION) {
                wrong.push(format!("{}:{} is too long", file.display(), number + 1));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not say what it is for", file.display());
    }
}

/// The lints of the workspace forbid unsafe code, and every crate obeys them; but
/// for the one that stands between an engine and its disk, in tests alone.
#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    let root = manifest(&root());
    assert!(root.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\""));
    for folder in crates() {
        let text = manifest(&folder);
        if folder.ends_with("power-loss") {
            assert!(text.contains("unsafe_code = \"deny\""), "not everywhere in it either");
            continue;
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{} does not", folder.display());
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let text = manifest(&root());
    let (_, theirs) = text.split_once("# theirs").expect("the list of what is not ours");
    let (theirs, _) = theirs.split_once("\n\n").expect("the end of the list");
    for line in theirs.lines().skip(1) {
        let reason = line.rsplit_once(" # ").map_or("", |(_, reason)| reason);
        assert!(!reason.is_empty(), "`{line}` does not say why it is there");
    }
}

/// What a crate needs stands in one place, with its version.
#[test]
fn versions_stand_in_one_place() {
    for folder in crates() {
        let text = manifest(&folder);
        for section in ["[dependencies]", "[dev-dependencies]"] {
            let Some((_, lines)) = text.split_once(section) else { continue };
            for line in lines.lines().skip(1).take_while(|line| !line.is_empty()) {
                let shared = line.contains("workspace = true");
                assert!(shared, "{}: `{line}` is not of the workspace", folder.display());
            }
        }
    }
}

/// Its first screen has the two commands that a newcomer types.
#[test]
fn the_readme_begins_with_two_commands() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let screen = text.lines().take(40).collect::<Vec<_>>().join("\n");
    for command in ["cargo run --release -- serve", "cargo test --workspace"] {
        assert!(screen.contains(command), "`{command}` is not on its first screen");
    }
    assert!(root().join("crates/app/src/main.rs").exists());
}

fn begins_function(line: &str) -> bool {
    let line = line.trim_start();
    let words = ["pub", "pub(super)", "pub(crate)", "const", "async"];
    let mut rest = line.split(' ').skip_while(|word| words.contains(word));
    rest.next() == Some("fn") && !line.ends_with(';')
}

/// Every `systems/<business>/src/<context>/mod.rs`.
fn contexts() -> impl Iterator<Item = PathBuf> {
    let sources = folders(&root().join("systems")).map(|system| system.join("src"));
    sources.flat_map(|src| folders(&src)).map(|context| context.join("mod.rs"))
}

/// Every file of ours.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in crates() {
        collect(&folder.join("src"), &mut found);
        collect(&folder.join("tests"), &mut found);
    }
    assert!(found.len() > 50, "the sources are found");
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

fn crates() -> impl Iterator<Item = PathBuf> {
    ["crates", "systems"].into_iter().flat_map(|it| folders(&root().join(it)).collect::<Vec<_>>())
}

fn folders(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(path).expect("a folder").map(|it| it.expect("an entry").path());
    entries.filter(|path| path.is_dir())
}

fn manifest(folder: &Path) -> String {
    fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

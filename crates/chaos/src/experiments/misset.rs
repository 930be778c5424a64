//! Wrong settings: each ends the start with one clear line, before anything is served; whoever
//! serves already goes on.

use std::{fs, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use tokio::{process::Command, time::timeout};

use crate::{
    Report,
    desk::Desk,
    dose::Dose,
    remains::Remains,
    report::{Finding, count},
    site::Site,
};

/// How long a start may take that comes to nothing.
const SOON: Duration = Duration::from_secs(5);

/// A wrong setting: what is wrong, the file of settings, the environment, and the flags after
/// `serve`. `{port}` is the port of the one that serves, `{data}` its data.
type Wrong =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const FREE: &str = "127.0.0.1:0";

const TABLE: &[Wrong] = &[
    ("no such flag", "", &[], &["--lisen", FREE]),
    ("no such business", "", &[], &["bakery"]),
    ("no such setting in the file", "lisen = \"127.0.0.1:0\"", &[], &[]),
    ("a file that is no TOML", "listen = [", &[], &[]),
    ("a file that is not there", "", &[], &["--config", "nowhere.toml"]),
    ("no such context in the file", "[contexts.bakery]\ndatabase = \"b.sqlite\"", &[], &[]),
    ("an address that is none", "", &[], &["--listen", "somewhere"]),
    ("an address of blanks", "", &[("MADANG_LISTEN", " ")], &[]),
    ("a port that is in use", "", &[], &["--listen", "127.0.0.1:{port}"]),
    ("an address for everyone, and no sign-in", "", &[], &["--listen", "0.0.0.0:0"]),
    ("ports of contexts above the last", "", &[], &["--listen", FREE, "--context-ports", "65534"]),
    (
        "ports of contexts that are in use",
        "",
        &[],
        &["--listen", FREE, "--context-ports", "{port}"],
    ),
    ("a time that is none", "", &[], &["--see-through", "soon"]),
    ("a log level that is none", "", &[("MADANG_LOG", "loud")], &[]),
    ("a log format that is none", "log = \"xml\"", &[], &[]),
    ("a truth that is none", "lab = \"perhaps\"", &[], &[]),
    ("data that are a file", "", &[], &["--listen", FREE, "--data", "file"]),
    ("data that somebody else serves", "", &[], &["--listen", FREE, "--data", "{data}"]),
    ("a database of something else", "", &[], &["--listen", FREE, "--data", "other"]),
    ("a database that is text", "", &[], &["--listen", FREE, "--data", "text"]),
    ("a database from a newer version", "", &[], &["--listen", FREE, "--data", "newer"]),
    ("a database with half of its pages", "", &[], &["--listen", FREE, "--data", "half"]),
    ("an event that nobody knows", "", &[], &["--listen", FREE, "--data", "unknown"]),
    (
        "a context that is kept elsewhere now",
        "[contexts.request]\ndatabase = \"request.sqlite\"",
        &[],
        &["--listen", FREE, "--data", "moved"],
    ),
];

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let launch = site.launch(&[]);
    let mut server = launch.start().await?;
    let mut desk = Desk::at(server.address);
    let first = desk.requested("first", "TV-1").await?;
    desk.shows(&format!("/services/{first}"), "status", "REQUESTED").await?;
    server.end().await?;
    let folder = site.file("wrong");
    prepare(&folder, &site.data())?;
    server = launch.start().await?;
    desk = Desk::at(server.address);

    let (mut wrong, mut unserved, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let rounds = dose.n;
    for _ in 0..rounds {
        for setting in TABLE {
            let address = server.address.port().to_string();
            match tried(site, &folder, setting, &address).await {
                Ok(line) => lines.push(line),
                Err(error) => wrong.push(format!("{}: {error:#}", setting.0)),
            }
            let (ready, row) =
                (desk.status("/readyz").await, desk.status(&format!("/requests/{first}")).await);
            if (ready, row) != (200, 200) {
                unserved.push(format!("{}: /readyz {ready}, a row {row}", setting.0));
            }
        }
    }
    let remains = Remains::of(site, server).await?;
    let looked_at = TABLE.len() * usize::try_from(rounds)?;
    let mut report = Report::of(format!("{} wrong settings", count(TABLE.len())));
    for ((what, ..), line) in TABLE.iter().zip(&lines) {
        report.fact(what, line);
    }
    report.criterion(Finding::each("ends at once, not with 0, with one line", looked_at, wrong));
    report.criterion(Finding::each("whoever serves goes on", looked_at, unserved));
    report.findings(remains.findings());
    Ok(report)
}

/// Data directories in which something is wrong, each made of sound ones.
fn prepare(folder: &Path, sound: &Path) -> Result<()> {
    let copy = |name: &str| -> Result<std::path::PathBuf> {
        let to = folder.join(name);
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(sound)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        Ok(to.join("repair.sqlite"))
    };
    fs::create_dir_all(folder)?;
    fs::write(folder.join("file"), "not a directory")?;
    let other = copy("other")?;
    fs::remove_file(&other)?;
    Connection::open(&other)?.execute_batch("CREATE TABLE theirs (it TEXT)")?;
    fs::write(
        copy("text")?,
        "this is no database, it is a text of more than a hundred bytes: ".repeat(9),
    )?;
    Connection::open(copy("newer")?)?.pragma_update(None, "user_version", 9_999)?;
    let half = copy("half")?;
    let length = half.metadata()?.len();
    fs::File::options().write(true).open(half)?.set_len(length / 2)?;
    let unknown = Connection::open(copy("unknown")?)?;
    unknown.execute("UPDATE word SET text = 'NobodyKnows' WHERE text = 'ServiceRequested'", [])?;
    unknown.close().map_err(|(_, error)| error)?;
    copy("moved").map(drop)
}

/// The one line with which it ended.
async fn tried(site: &Site, folder: &Path, setting: &Wrong, port: &str) -> Result<String> {
    let (_, file, env, flags) = setting;
    fs::write(folder.join("madang.toml"), file)?;
    let data = site.data();
    let launch = site.launch(&[]);
    let mut command = Command::new(&launch.server);
    command.arg("serve");
    if !flags.contains(&"bakery") {
        command.arg("repair");
    }
    for flag in *flags {
        command.arg(flag.replace("{port}", port).replace("{data}", &data.to_string_lossy()));
    }
    command.current_dir(folder).env_clear().envs(env.iter().copied()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = timeout(SOON, command.output()).await.context("it goes on and on")??;
    let out = String::from_utf8_lossy(&ended.stdout);
    let err = String::from_utf8_lossy(&ended.stderr);
    ensure!(!ended.status.success(), "it ended with 0: {out}{err}");
    ensure!(!out.contains("http://"), "it greeted: {out}");
    let said: Vec<_> = err.lines().filter(|it| !it.trim().is_empty()).collect();
    // What is wrong with the line itself is told with the usage below it.
    let usage = said.iter().position(|it| it.starts_with("Usage:")).unwrap_or(said.len());
    let one = usage == 1 || said.iter().any(|it| it.starts_with("Usage:"));
    ensure!(one && !err.contains("panicked"), "it ended with {} lines: {err}", said.len());
    let line = said.first().context("a line")?;
    Ok(format!("{} {line}", ended.status.code().unwrap_or(-1)))
}

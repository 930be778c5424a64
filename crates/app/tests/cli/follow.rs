//! Following what happens, over a restart.

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Stdio},
};

use crate::program::{Server, folder, madang};

#[test]
fn what_happens_is_followed_over_a_restart() {
    let here = folder();
    let server = Server::start(here.path(), &[]);
    let address = server.url.trim_start_matches("http://").to_owned();
    let old = server.request("1");
    // With a case it begins at the beginning, so that it need not be there in time.
    let mut followed = Followed::of(&server, &["--case", &old.to_string()]);
    followed.tells("ServiceRequested");
    followed.tells("JobOpened");

    server.signal("TERM");
    assert!(server.ended().success());
    let server = Server::at(&address, here.path(), &[]);
    assert!(server.put(&format!("/requests/{old}/servicecancel")).status < 300);
    followed.tells("CancelAsked");
}

struct Followed {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Followed {
    fn of(server: &Server, args: &[&str]) -> Self {
        let mut command = madang(".".as_ref());
        command.args(["events", "--follow", "--url", &server.url]).args(args);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line is of this event: nothing is told twice, nothing is left out.
    fn tells(&mut self, name: &str) {
        let line = self.lines.next().expect("a line").unwrap();
        assert!(line.contains(name), "{name}: {line}");
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

//! A real `PostgreSQL` for tests.
//!
//! Where `MADANG_TEST_POSTGRES` names one, it is used; otherwise, where its
//! programs are installed, a server is started for this process alone and ends
//! with it. What it has acknowledged is on the disk: it can be crashed.

#![warn(missing_docs)]

mod ask;
mod private;
mod programs;

use std::{
    env,
    io::{Write, stderr},
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use private::Private;

/// How long a server of ours may take to come up; one that is named is there.
const PATIENCE: Duration = Duration::from_secs(90);

/// A server.
#[derive(Debug)]
pub struct Server {
    /// Everything before the name of a database, and what comes after it.
    around: (String, String),
    private: Option<Private>,
    databases: AtomicU32,
}

impl Server {
    /// The server that all tests of this process share. Where there is none a
    /// line says so and the test has nothing to do, unless `CI` is `true`.
    ///
    /// # Panics
    ///
    /// When there must be one and there is none.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Server, String>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(|why| skip(why)).ok()
    }

    /// A server that can be crashed and held up without harm to other tests.
    ///
    /// # Panics
    ///
    /// When there must be one and there is none.
    #[must_use]
    pub fn own() -> Option<Self> {
        Self::private().map_err(|why| skip(&why)).ok()
    }

    /// The one that is named in `MADANG_TEST_POSTGRES`, or a new one.
    ///
    /// # Errors
    ///
    /// Why there is none, in one line.
    pub fn start() -> Result<Self, String> {
        let Some(url) = env::var("MADANG_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) else {
            return Self::private();
        };
        let (before, rest) = url.split_once("://").ok_or("MADANG_TEST_POSTGRES is not a URL")?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (rest, String::new()),
        };
        let host = path.split_once('/').map_or(path, |(host, _)| host);
        Self::at((format!("{before}://{host}/"), query), None)
    }

    /// A new one, whatever is named.
    ///
    /// # Errors
    ///
    /// Why there is none, in one line.
    pub fn private() -> Result<Self, String> {
        let private = Private::start()?;
        Self::at((private.base(), String::new()), Some(private))
    }

    /// How a database of it is reached: by a role that may do everything.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.around.0, self.around.1)
    }

    /// Makes a database that nobody has used, and says how it is reached.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn fresh_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", process::id());
        if self.private.is_none() {
            let left = format!("DROP DATABASE IF EXISTS {name}");
            ask::ask(&self.url("postgres"), &left).expect("what another process left can go");
        }
        let make = format!("CREATE DATABASE {name}");
        ask::ask(&self.url("postgres"), &make).expect("a new database");
        self.url(&name)
    }

    /// What a database says to a statement, row by row, every column as text.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn ask(url: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>, String> {
        ask::ask(url, sql)
    }

    /// All its processes end at once, as they would when the power fails.
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn crash(&self) {
        self.own_processes().crash();
    }

    /// It comes up again after a crash, at the same address.
    ///
    /// # Panics
    ///
    /// When it is not ours, or does not come up.
    pub fn start_again(&self) {
        self.own_processes().run().expect("the server starts again");
        self.wait_until_it_accepts().expect("the server accepts again");
    }

    /// It holds its breath: connections stay open, and nothing is answered.
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn pause(&self) {
        self.own_processes().pause();
    }

    /// It goes on where it was.
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn resume(&self) {
        self.own_processes().resume();
    }

    fn at(around: (String, String), private: Option<Private>) -> Result<Self, String> {
        let server = Self { around, private, databases: AtomicU32::new(0) };
        server.wait_until_it_accepts()?;
        Ok(server)
    }

    fn own_processes(&self) -> &Private {
        self.private.as_ref().expect("only a server of our own can be disturbed")
    }

    fn wait_until_it_accepts(&self) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            match ask::ask(&self.url("postgres"), "SELECT 1") {
                Ok(_) => return Ok(()),
                Err(why) if self.private.is_none() || begun.elapsed() > PATIENCE => {
                    return Err(why);
                }
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

fn skip(why: &str) {
    let must = env::var("CI").is_ok_and(|it| it == "true");
    assert!(!must, "there must be a PostgreSQL, and there is none ({why})");
    // Past the harness, which would keep it to itself: it must be seen and counted.
    drop(writeln!(stderr(), "SKIPPED: no PostgreSQL ({why})"));
}

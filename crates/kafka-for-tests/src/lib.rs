//! A real Apache Kafka for tests.
//!
//! Where `MADANG_TEST_KAFKA` names one (`host:port`), it is used; otherwise,
//! where Java and Maven are installed, a broker is started for this process
//! alone and ends with it. Its programs are fetched once and kept in the user's
//! cache. It can be stopped, killed, frozen, and started again on its data.

#![warn(missing_docs)]

mod private;
mod programs;
mod reached;

use std::{
    env,
    io::{Write, stderr},
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use private::Private;

/// A broker.
#[derive(Debug)]
pub struct Broker {
    address: String,
    private: Option<Private>,
    prefixes: AtomicU32,
}

impl Broker {
    /// The broker that all tests of this process share. Where there is none a
    /// line says so and the test has nothing to do, unless `CI` is `true`.
    ///
    /// # Panics
    ///
    /// When there must be one and there is none.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Broker, String>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(|why| skip(why)).ok()
    }

    /// A broker that can be killed and frozen without harm to other tests.
    ///
    /// # Panics
    ///
    /// When there must be one and there is none.
    #[must_use]
    pub fn own() -> Option<Self> {
        Self::private().map_err(|why| skip(&why)).ok()
    }

    /// The one that is named in `MADANG_TEST_KAFKA`, or a new one.
    ///
    /// # Errors
    ///
    /// Why there is none, in one line.
    pub fn start() -> Result<Self, String> {
        match env::var("MADANG_TEST_KAFKA").ok().filter(|address| !address.is_empty()) {
            Some(address) => Self::at(address, None),
            None => Self::private(),
        }
    }

    /// A new one, whatever is named.
    ///
    /// # Errors
    ///
    /// Why there is none, in one line.
    pub fn private() -> Result<Self, String> {
        let private = Private::start()?;
        Self::at(private.address(), Some(private))
    }

    /// Where it is: `127.0.0.1:9092`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the names of topics may begin with, that nobody has used.
    pub fn fresh_prefix(&self) -> String {
        let number = self.prefixes.fetch_add(1, Ordering::Relaxed);
        format!("test-{}-{number}", process::id())
    }

    /// Its process ends at once (`kill -9`).
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn kill(&self) {
        self.own_process().end("KILL");
    }

    /// It ends as an operator would end it.
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn stop(&self) {
        self.own_process().end("TERM");
    }

    /// It comes up again on its data, at the same address.
    ///
    /// # Panics
    ///
    /// When it is not ours, or does not come up.
    pub fn start_again(&self) {
        self.own_process().run().expect("the broker starts again");
        self.wait_until_it_answers().expect("the broker answers again");
    }

    /// It holds its breath: connections stay open, and nothing is answered.
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn pause(&self) {
        self.own_process().signal("STOP");
    }

    /// It goes on where it was.
    ///
    /// # Panics
    ///
    /// When it is not ours.
    pub fn resume(&self) {
        self.own_process().signal("CONT");
    }

    fn at(address: String, private: Option<Private>) -> Result<Self, String> {
        let broker = Self { address, private, prefixes: AtomicU32::new(0) };
        broker.wait_until_it_answers()?;
        Ok(broker)
    }

    fn own_process(&self) -> &Private {
        self.private.as_ref().expect("only a broker of our own can be disturbed")
    }

    fn wait_until_it_answers(&self) -> Result<(), String> {
        let log = || self.private.as_ref().map(Private::last_line).unwrap_or_default();
        let alive = || self.private.as_ref().is_none_or(Private::is_alive);
        reached::wait(&self.address, alive).map_err(|why| format!("{why}{}", log()))
    }
}

fn skip(why: &str) {
    let must = env::var("CI").is_ok_and(|it| it == "true");
    assert!(!must, "there must be a Kafka, and there is none ({why})");
    // Past the harness, which would keep it to itself: it must be seen and counted.
    drop(writeln!(stderr(), "SKIPPED: no Kafka ({why})"));
}

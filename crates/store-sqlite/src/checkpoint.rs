//! Copying the log into the file, off the path of a commit.

use std::{io, sync::Arc, thread, time::Duration};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use crate::{
    fault::Fault,
    options::Options,
    writer::{Health, Writer},
};

/// How long commits may be held up to wait for somebody who reads the log.
const PAUSE: Duration = Duration::from_millis(50);

/// A thread that copies the log into the file.
#[derive(Debug)]
pub struct Checkpointer {
    pulse: Arc<Pulse>,
    thread: Option<thread::JoinHandle<()>>,
}

/// How the writer and the thread hear of each other.
#[derive(Debug)]
pub struct Pulse {
    state: Mutex<State>,
    bell: Condvar,
    checkpoint_pages: u64,
    idle: Duration,
}

#[derive(Debug, Default)]
struct State {
    /// How many pages the log has.
    pages: u64,
    /// With how many they are copied next.
    next: u64,
    commits: u64,
    /// How many commits there were when the log was last emptied.
    emptied: u64,
    is_resting: bool,
    is_closing: bool,
}

/// What is to be done.
enum Task {
    /// Copy what can be copied without being in anybody's way.
    Copy,
    /// Nobody writes: empty the log; there were so many commits.
    Empty(u64),
    /// The same, and for the last time.
    Close,
}

/// What the thread works with.
struct Copier {
    connection: Connection,
    pulse: Arc<Pulse>,
    writer: Arc<Mutex<Writer>>,
    health: Arc<Health>,
    restart_pages: u64,
}

impl Checkpointer {
    /// Starts the thread.
    pub fn start(
        connection: Connection,
        pulse: Arc<Pulse>,
        writer: Arc<Mutex<Writer>>,
        health: Arc<Health>,
        options: &Options,
    ) -> io::Result<Self> {
        let restart_pages = options.restart_pages.into();
        let copier =
            Copier { connection, pulse: Arc::clone(&pulse), writer, health, restart_pages };
        let thread = thread::Builder::new().name("checkpoint".to_owned());
        Ok(Self { pulse, thread: Some(thread.spawn(move || copier.run())?) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.pulse.state.lock().is_closing = true;
        self.pulse.bell.notify_one();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that empties the log has panicked");
        }
    }
}

impl Pulse {
    /// Nothing has happened yet; what the log holds from before is emptied soon.
    pub fn new(options: &Options) -> Self {
        let checkpoint_pages = options.checkpoint_pages.into();
        let state = State { next: checkpoint_pages, commits: 1, ..State::default() };
        let (state, bell, idle) = (Mutex::new(state), Condvar::new(), options.idle);
        Self { state, bell, checkpoint_pages, idle }
    }

    /// There was a commit, and now the log has so many pages.
    pub fn committed(&self, pages: i32) {
        let pages = u64::try_from(pages).unwrap_or_default();
        let mut state = self.state.lock();
        if pages < state.pages {
            state.next = self.checkpoint_pages; // It has begun anew.
        }
        state.pages = pages;
        state.commits += 1;
        if state.is_resting || pages >= state.next {
            self.bell.notify_one();
        }
    }

    fn task(&self) -> Task {
        let mut state = self.state.lock();
        loop {
            if state.is_closing {
                return Task::Close;
            }
            if state.pages >= state.next {
                state.next = state.pages + self.checkpoint_pages;
                return Task::Copy;
            }
            let commits = state.commits;
            if commits == state.emptied {
                state.is_resting = true;
                self.bell.wait(&mut state);
                state.is_resting = false;
            } else if self.bell.wait_for(&mut state, self.idle).timed_out()
                && commits == state.commits
            {
                return Task::Empty(commits);
            }
        }
    }
}

impl Copier {
    fn run(self) {
        if let Err(error) = self.connection.busy_timeout(PAUSE) {
            tracing::warn!(%error, "the log waits longer for readers than it should");
        }
        loop {
            match self.pulse.task() {
                Task::Copy => self.copy(),
                Task::Empty(commits) => {
                    if self.checkpoint("TRUNCATE").is_some_and(|(is_held_up, _)| !is_held_up) {
                        self.pulse.state.lock().emptied = commits;
                    }
                }
                Task::Close => {
                    self.checkpoint("TRUNCATE");
                    return;
                }
            }
        }
    }

    /// While commits go on there is always something left to copy, and the log
    /// cannot begin anew; so, when it has grown, they pause for the little that
    /// is left after most has been copied twice over.
    fn copy(&self) {
        let pages = self.checkpoint("PASSIVE").map_or(0, |(_, pages)| pages);
        if pages >= self.restart_pages {
            self.checkpoint("PASSIVE");
            let _pause = self.writer.lock();
            if self.checkpoint("RESTART").is_some_and(|(is_held_up, _)| is_held_up) {
                tracing::warn!(pages, "the log grows, because somebody has been reading for long");
            }
        }
    }

    /// Whether somebody held it up, and how many pages the log has; nothing when it failed.
    fn checkpoint(&self, mode: &str) -> Option<(bool, u64)> {
        if self.health.check().is_err() {
            return None; // Another error could not make it better known what is on the disk.
        }
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        runtime::fault::reached_in_a_store("store.before_checkpoint");
        let done = self.connection.query_one(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        runtime::fault::reached_in_a_store("store.after_checkpoint");
        match done {
            // A log that could not even be looked at has -1 pages.
            Ok((is_held_up, pages)) => Some((is_held_up, i64::max(pages, 0).cast_unsigned())),
            Err(error) => {
                tracing::warn!(%error, mode, "the log could not be copied into the file");
                let fault = Fault::from(error);
                if fault.is_grave() {
                    self.health.give_up(fault.into());
                }
                None
            }
        }
    }
}

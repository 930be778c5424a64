//! Fault points: places in the code, by name, at which a test may have a
//! process end, wait or panic. Without the feature `fault-points` they are
//! nothing; and no release has it.

use crate::ports::Chance;

/// Every point, and what has happened when it is reached.
pub const POINTS: &[(&str, &str)] = &[
    ("start.caught_up", "the views are filled, and nobody reads yet"),
    ("lease.before", "a subscription is about to be taken over"),
    ("lease.taken", "a subscription is taken over, and nothing is read yet"),
    ("command.handed_over", "a command has come in, and nothing is decided"),
    ("command.before_answer", "a command is done, and its caller does not know"),
    ("question.before_ask", "a question is about to be put to another context"),
    ("question.after_answer", "a question is answered, and nothing is decided"),
    ("question.again", "the state has changed, and a question must be put once more"),
    ("writer.before_work", "the writer has taken what waits, and nothing is decided"),
    ("writer.before_commit", "all is decided, and nothing is durable"),
    ("writer.after_commit", "all is durable, and nobody knows"),
    ("writer.before_answer", "the readers know, and those who wait do not"),
    ("delivery.before_commit", "deliveries are prepared, and not handed to the writer"),
    ("delivery.after_commit", "deliveries are durable, and their reader has not moved on"),
    ("effect.before_call", "an outside system is about to be called"),
    ("effect.after_call", "an outside system has acted, and nobody has written it down"),
    ("operator.letter", "an operator wants deliveries tried again, or given up"),
    ("rebuild.read", "a view is rebuilt beside the old one, and nothing is compared"),
    ("rebuild.compared", "the rows are compared, and nobody knows"),
    ("rebuild.before_switch", "at the desk, about to switch to the rows that were rebuilt"),
    ("rebuild.after_switch", "switched, and nobody knows"),
    ("rebuild.before_removal", "what is not shown is about to be removed"),
    ("stop.readers_ended", "nobody reads any more, and the writers still write"),
    ("store.before_commit", "a transaction is written, and not committed"),
    ("store.before_checkpoint", "the log is about to be copied into the file"),
    ("store.after_checkpoint", "the log is copied into the file"),
];

/// What happens at a point, this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// Nothing.
    Nothing,
    /// The code panics here, with [`PANIC`].
    Panic,
    /// It takes a while.
    Wait(std::time::Duration),
    /// The process is over: whoever waits here waits for ever.
    Gone,
}

/// What is said in a panic at a point.
pub const PANIC: &str = "a panic that belongs to the run";

#[cfg(feature = "fault-points")]
mod on {
    use std::sync::OnceLock;

    use super::{Chance, PANIC, POINTS, Strike};

    type Hook = Box<dyn Fn(&'static str) -> Strike + Send + Sync>;

    /// What happens at the points of a real process.
    static HOOK: OnceLock<Hook> = OnceLock::new();

    /// No release has any.
    const _: () = assert!(cfg!(debug_assertions), "fault points are not for a release");

    /// Decides from now on what happens at the points of this process; only
    /// the first who says so is heard.
    pub fn decide_by(hook: impl Fn(&'static str) -> Strike + Send + Sync + 'static) {
        // Whoever comes second is too late, as promised.
        drop(HOOK.set(Box::new(hook)));
    }

    /// What the hook of this process says, where there is one.
    pub fn of_this_process(point: &'static str) -> Strike {
        HOOK.get().map_or(Strike::Nothing, |hook| hook(point))
    }

    /// A point at which nothing can wait for anything.
    pub fn reached(chance: &dyn Chance, point: &'static str) {
        strike(chance.strikes(known(point), false));
    }

    /// As [`reached`], for a store, which has no chance of its own.
    pub fn reached_in_a_store(point: &'static str) {
        strike(of_this_process(known(point)));
    }

    /// A point at which others go on meanwhile.
    pub async fn waits_at(chance: &dyn Chance, point: &'static str) {
        match chance.strikes(known(point), true) {
            Strike::Nothing => {}
            Strike::Panic => std::panic::panic_any(PANIC),
            Strike::Wait(wait) => tokio::time::sleep(wait).await,
            Strike::Gone => std::future::pending().await,
        }
    }

    fn strike(strike: Strike) {
        match strike {
            // Nobody waits for ever here: what is done from now on has no effect.
            Strike::Nothing | Strike::Gone => {}
            Strike::Panic => std::panic::panic_any(PANIC),
            Strike::Wait(wait) => std::thread::sleep(wait),
        }
    }

    fn known(point: &'static str) -> &'static str {
        assert!(POINTS.iter().any(|(name, _)| *name == point), "{point} is in no list");
        point
    }
}

#[cfg(feature = "fault-points")]
pub use on::{decide_by, of_this_process, reached, reached_in_a_store, waits_at};

/// A point at which nothing can wait for anything.
#[cfg(not(feature = "fault-points"))]
#[inline]
pub fn reached(_: &dyn Chance, _: &'static str) {}

/// As [`reached`], for a store, which has no chance of its own.
#[cfg(not(feature = "fault-points"))]
#[inline]
pub fn reached_in_a_store(_: &'static str) {}

/// A point at which others go on meanwhile.
#[cfg(not(feature = "fault-points"))]
#[inline]
pub fn waits_at(_: &dyn Chance, _: &'static str) -> std::future::Ready<()> {
    std::future::ready(())
}

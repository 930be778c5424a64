//! Where things can go wrong, by name. Not all of them do in every run.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::dice::Dice;

/// A point at which something may go wrong.
pub struct Point {
    /// Its name.
    pub name: &'static str,
    /// In how many runs of a hundred it may strike at all.
    share: u64,
    /// Then it strikes at one visit in so many: the fewest and the most.
    one_in: (u64, u64),
    /// Only where several processes share a database.
    shared: bool,
}

const fn point(name: &'static str, share: u64, least: u64, most: u64) -> Point {
    Point { name, share, one_in: (least, most), shared: false }
}

const fn shared(name: &'static str, share: u64, least: u64, most: u64) -> Point {
    Point { name, share, one_in: (least, most), shared: true }
}

/// Every point.
pub static POINTS: LazyLock<Vec<Point>> = LazyLock::new(|| {
    let all = Vec::from(OWN);
    #[cfg(feature = "fault-points")]
    let all = all.into_iter().chain(in_the_code()).collect();
    all
});

const OWN: [Point; 44] = [
    // The process ends here.
    point("crash before a commit", 40, 30, 400),
    point("crash after a commit, before anyone is told", 40, 30, 400),
    point("crash while a lease is taken", 30, 10, 60),
    point("crash while starting", 30, 20, 200),
    point("crash while reading", 30, 300, 4000),
    point("crash when a command was handed over", 40, 10, 80),
    point("crash before the answer", 40, 10, 80),
    point("crash before an outside call is done", 40, 3, 30),
    point("crash after an outside call is done", 40, 3, 30),
    point("crash at any time", 40, 4, 12),
    point("orderly restart", 40, 4, 16),
    // The database.
    point("a commit finds no room", 40, 5, 100),
    point("the disk is full for a while", 30, 3, 12),
    point("a commit is made, and its answer lost", 30, 50, 500),
    point("a commit is not made, for no reason known", 25, 50, 500),
    point("the database panics before a commit", 25, 30, 300),
    point("the database panics after a commit", 20, 50, 500),
    point("the database panics while a reader looks", 25, 100, 1000),
    point("an event cannot be read", 30, 20, 200),
    shared("a commit is made, and the connection lost", 30, 20, 200),
    shared("a commit is not made, and the connection lost", 30, 20, 200),
    shared("the database is away for a while", 40, 3, 12),
    // The world outside.
    point("a charge is made, and its answer lost", 40, 2, 10),
    point("a charge is late", 40, 2, 10),
    point("a charge is refused as wrong", 25, 2, 10),
    point("a charge cannot be delivered", 40, 2, 10),
    point("the way to the provider panics", 20, 3, 10),
    point("a charge is declined", 60, 2, 6),
    // People.
    point("an answer is lost", 40, 4, 20),
    point("somebody does not wait for the answer", 40, 4, 20),
    point("the same command twice at once", 40, 4, 20),
    point("a key used for something else", 30, 5, 20),
    point("somebody gives up", 40, 3, 10),
    point("a view is rebuilt", 50, 2, 6),
    // Those who are needed.
    point("a context is down", 50, 2, 6),
    point("a context is slow", 40, 2, 6),
    point("a context fails now and then", 40, 2, 6),
    point("the provider is down", 40, 2, 6),
    point("the provider is slow", 30, 2, 6),
    point("the provider fails now and then", 30, 2, 6),
    point("the provider's answers are lost", 30, 2, 6),
    point("the code panics for a while", 40, 2, 6),
    // Time.
    point("the clock goes forward", 25, 3, 10),
    point("the clock goes back", 25, 3, 10),
];

/// What can happen at the fault points of the code, by their names.
#[cfg(feature = "fault-points")]
#[derive(Clone, Copy)]
pub struct InTheCode {
    /// The process ends.
    pub crash: &'static str,
    /// It panics.
    pub panic: &'static str,
    /// It takes a while; nothing where nobody can wait.
    pub wait: Option<&'static str>,
    /// It is reached at all.
    pub reached: &'static str,
}

/// In the writer, and before there is any, nobody can wait in one thread.
#[cfg(feature = "fault-points")]
const AT_ONCE: [&str; 6] = [
    "start.caught_up",
    "writer.before_commit",
    "writer.after_commit",
    "writer.before_answer",
    "rebuild.before_switch",
    "rebuild.after_switch",
];

/// What can happen at each fault point of the code, by its name.
#[cfg(feature = "fault-points")]
pub static IN_THE_CODE: LazyLock<BTreeMap<&'static str, InTheCode>> = LazyLock::new(|| {
    let own = runtime::fault::POINTS.iter().filter(|(name, _)| !name.starts_with("store."));
    own.map(|(name, _)| {
        let called = |what: &str| &*Box::leak(format!("{what} {name}").into_boxed_str());
        let wait = (!AT_ONCE.contains(name)).then(|| called("wait at"));
        let (crash, panic, reached) = (called("crash at"), called("panic at"), called("reached"));
        (*name, InTheCode { crash, panic, wait, reached })
    })
    .collect()
});

#[cfg(feature = "fault-points")]
fn in_the_code() -> Vec<Point> {
    let mut all = vec![shared("a process is frozen", 50, 3, 10)];
    for (name, names) in IN_THE_CODE.iter() {
        let (least, most) = match *name {
            "stop.readers_ended" | "operator.letter" | "question.again" => (1, 3),
            "start.caught_up" => (1, 6),
            _ => match name.split('.').next() {
                Some("lease") => (20, 120),
                Some("rebuild") => (1, 4),
                Some("effect") => (2, 15),
                Some("question" | "command") => (10, 100),
                _ => (30, 400),
            },
        };
        let rare = if most < 5 { 3 } else { 1 };
        all.push(point(names.crash, 12 * rare, least, most));
        all.push(point(names.panic, 12 * rare, least, most));
        all.extend(names.wait.map(|name| point(name, 15 * rare, least, most)));
    }
    all
}

/// Whether it can only strike where several processes share a database.
pub fn needs_several(name: &str) -> bool {
    POINTS.iter().any(|point| point.name == name && point.shared)
}

/// The points that may strike in this run, each at one visit in so many.
pub fn drawn(dice: &mut Dice, is_shared: bool) -> BTreeMap<&'static str, u64> {
    let calm = dice.percent(5);
    let mut active = BTreeMap::new();
    for point in POINTS.iter() {
        let strikes = dice.percent(point.share);
        let one_in = dice.between(point.one_in.0, point.one_in.1);
        if strikes && !calm && (is_shared || !point.shared) {
            active.insert(point.name, one_in);
        }
    }
    active
}

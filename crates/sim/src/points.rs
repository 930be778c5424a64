//! Where things can go wrong, by name. Not all of them do in every run.

use std::collections::BTreeMap;

use crate::dice::Dice;

/// A point at which something may go wrong.
pub struct Point {
    /// Its name.
    pub name: &'static str,
    /// In how many runs of a hundred it may strike at all.
    share: u64,
    /// Then it strikes at one visit in so many: the fewest and the most.
    one_in: (u64, u64),
}

const fn point(name: &'static str, share: u64, least: u64, most: u64) -> Point {
    Point { name, share, one_in: (least, most) }
}

/// Every point.
pub const POINTS: &[Point] = &[
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
    point("a commit is made, and its answer lost", 30, 50, 500),
    point("a commit is not made, for no reason known", 25, 50, 500),
    point("the database panics before a commit", 25, 30, 300),
    point("the database panics after a commit", 20, 50, 500),
    point("the database panics while a reader looks", 25, 100, 1000),
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
    // Those who are needed.
    point("a context is down", 50, 2, 6),
    point("a context is slow", 40, 2, 6),
    point("a context fails now and then", 40, 2, 6),
    point("the provider is down", 40, 2, 6),
    point("the provider is slow", 30, 2, 6),
    point("the provider fails now and then", 30, 2, 6),
    point("the provider's answers are lost", 30, 2, 6),
    // Time.
    point("the clock goes forward", 25, 3, 10),
    point("the clock goes back", 25, 3, 10),
];

/// The points that may strike in this run, each at one visit in so many.
pub fn drawn(dice: &mut Dice) -> BTreeMap<&'static str, u64> {
    let calm = dice.percent(5);
    let mut active = BTreeMap::new();
    for point in POINTS {
        let strikes = dice.percent(point.share);
        let one_in = dice.between(point.one_in.0, point.one_in.1);
        if strikes && !calm {
            active.insert(point.name, one_in);
        }
    }
    active
}

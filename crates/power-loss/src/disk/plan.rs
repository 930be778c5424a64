//! What a disk will do, and when.

use crate::dice::Dice;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Nothing.
    Calm,
    /// The power fails at this operation, counted from 0 among those of its kind.
    PowerFails(Kind, u64),
    /// This operation fails, and what comes after it does not.
    Fails(Kind, u64),
    /// From this write on, counted from 0, there is no room for more.
    IsFull(u64),
}

/// Which operations are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everything that changes something: writes, syncs, new lengths, removals.
    Any,
    /// Only what makes it durable.
    Sync,
    /// Only what happens while the log is copied into the file.
    Checkpoint,
}

/// How many operations there were.
#[derive(Debug, Default)]
pub struct Counts {
    /// All of them.
    pub any: u64,
    /// Those that make it durable.
    pub syncs: u64,
    /// Those while the log was copied into the file.
    pub in_checkpoint: u64,
}

impl Counts {
    /// One more: its place among those of every kind it is of.
    pub fn one_more(&mut self, is_sync: bool, in_checkpoint: bool) -> impl Fn(Kind) -> Option<u64> {
        let next = |count: &mut u64, is_one: bool| {
            *count += u64::from(is_one);
            is_one.then(|| *count - 1)
        };
        let any = next(&mut self.any, true);
        let sync = next(&mut self.syncs, is_sync);
        let checkpoint = next(&mut self.in_checkpoint, in_checkpoint);
        move |kind| match kind {
            Kind::Any => any,
            Kind::Sync => sync,
            Kind::Checkpoint => checkpoint,
        }
    }
}

/// How a disk loses what is not yet on it.
#[derive(Debug, Clone, Copy)]
pub struct Loss {
    /// How many bytes it writes at once.
    pub sector: u64,
    /// How many sectors of a hundred make it all the same.
    pub kept: u64,
    /// It writes what it is told in that order.
    pub in_order: bool,
}

impl Loss {
    /// Any disk.
    pub fn drawn(dice: &Dice) -> Self {
        Self {
            sector: dice.pick(&[512, 4096]),
            kept: dice.pick(&[0, 10, 50, 90, 99]),
            in_order: dice.percent(40),
        }
    }
}

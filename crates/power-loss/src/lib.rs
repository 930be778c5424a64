//! The embedded store on a disk that fails: the power goes, a write or a sync
//! fails, there is no room.
//!
//! The real store writes through the real engine to a disk that knows what it
//! was made to keep. When the power fails, any part of the rest may be gone or
//! torn; what is left is opened by the real store again, and held against a
//! second store that was given the same commits. It needs a system whose files
//! have numbers (Linux, macOS).

#![warn(missing_docs)]

mod dice;
mod disk;
mod report;
mod trials;
mod vfs;

pub use report::Report;
pub use trials::{business, errors, full, power};

/// Everything, one kind of trial after another, each when it is asked for.
pub fn run(seeds: u64) -> impl Iterator<Item = Report> {
    let some = (seeds / 4).max(1);
    let all: [Box<dyn Fn() -> Report>; 6] = [
        Box::new(move || power::run(0..seeds, true)),
        Box::new(move || power::run(0..seeds, false)),
        Box::new(move || power::making((seeds / 40).max(1))),
        Box::new(move || errors::run(seeds, 1)),
        Box::new(move || full::run(seeds, 1)),
        Box::new(move || business::run(0..some)),
    ];
    all.into_iter().map(|trials| trials())
}

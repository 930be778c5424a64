//! What is measured, one file for each.

mod cases;
pub mod curve;
mod disk;
mod flat;
mod get;
mod latency;
mod memory;
mod neighbour;
mod overload;
mod post;
mod rebuild;
mod slow_payment;
mod start;
mod store;
mod walk;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;

pub use post::Customers;

use crate::{fill, report::Line};

/// What every measurement is given.
pub struct Bench {
    /// The program that is measured.
    pub program: PathBuf,
    /// Where data may be left until the end.
    pub folder: PathBuf,
    /// Small and quick: to see that it works, not to trust the figures.
    pub quick: bool,
}

/// A measurement.
pub struct Subject {
    /// By which it is chosen.
    pub name: &'static str,
    /// Measures.
    pub measure: fn(&Bench) -> Result<Vec<Line>>,
}

/// All of them, in the order of the table.
pub const ALL: &[Subject] = &[
    Subject { name: "post-echo", measure: post::beside_echo },
    Subject { name: "post-sqlite", measure: store::beside_sqlite },
    Subject { name: "get", measure: get::measure },
    Subject { name: "cases", measure: cases::measure },
    Subject { name: "event-to-view", measure: latency::measure },
    Subject { name: "rebuild", measure: rebuild::measure },
    Subject { name: "memory", measure: memory::measure },
    Subject { name: "start", measure: start::measure },
    Subject { name: "neighbour", measure: neighbour::measure },
    Subject { name: "flat", measure: flat::measure },
    Subject { name: "disk", measure: disk::measure },
    Subject { name: "overload", measure: overload::measure },
    Subject { name: "slow-payment", measure: slow_payment::measure },
];

impl Bench {
    /// A folder for this purpose, empty.
    pub fn place(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// How many rounds: never fewer than five.
    pub fn rounds(&self) -> usize {
        if self.quick { 5 } else { 9 }
    }

    /// How long one round of a load lasts.
    pub fn lasts(&self) -> Duration {
        Duration::from_millis(if self.quick { 400 } else { 2_000 })
    }

    /// So many in a full run, so many in a quick one.
    pub fn size(&self, full: u64, quick: u64) -> u64 {
        if self.quick { quick } else { full }
    }

    /// How many cases the long history has.
    pub fn cases(&self) -> u64 {
        self.size(1_000_000, 5_000)
    }

    /// The sizes of histories, in cases: from a thousandth of the long one on.
    pub fn sizes(&self) -> Vec<u64> {
        let cases = self.cases();
        [1_000, 100, 10, 1].iter().map(|part| cases / part).collect()
    }

    /// A database with so many cases, to be copied and not to be written to;
    /// made if it is not there.
    pub fn history(&self, cases: u64) -> Result<PathBuf> {
        let (mut before, mut have) = (None, 0);
        for size in self.sizes() {
            let database = self.folder.join(format!("cases-{size}.sqlite"));
            if !database.exists() && size <= cases {
                let draft = self.folder.join("draft.sqlite");
                match &before {
                    Some(before) => fs::copy(before, &draft).map(|_| ())?,
                    None if draft.exists() => fs::remove_file(&draft)?,
                    None => {}
                }
                let took = fill::cases(&draft, (have, size), size)?;
                let each = took.as_secs_f64() * 1e6 / (size - have) as f64;
                eprintln!("a history of {size} cases took {took:.1?}, {each:.0} µs for each");
                fs::rename(&draft, &database)?;
                // The lock beside it goes with the name.
                let _ = fs::remove_file(self.folder.join("draft.sqlite-lock"));
            }
            if size == cases {
                return Ok(database);
            }
            (before, have) = (Some(database), size);
        }
        anyhow::bail!("{cases} is none of the sizes")
    }

    /// A folder for a server, with a copy of so many cases in it.
    pub fn place_with(&self, name: &str, cases: u64) -> Result<PathBuf> {
        let history = self.history(cases)?;
        let folder = self.place(name)?;
        fs::copy(history, database(&folder))?;
        Ok(folder)
    }
}

/// The database of ours in this folder.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("repair.sqlite")
}

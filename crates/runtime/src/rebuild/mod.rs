//! A view rebuilt from the journals beside the one that is shown: the two are
//! compared, and change places on an operator's word.
//!
//! **Invariant:** the rows that are shown stay as they are until the switch,
//! which is one commit. A rebuild that ends before it leaves nothing behind.

mod compare;
mod course;
mod fold;
mod operate;
mod sources;
mod work;

use std::collections::BTreeMap;

use kernel::{Json, Time};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::Failure;

/// How many differences are told field by field.
pub const EXAMPLES: usize = 20;

/// The rebuild of a view, as it stands.
#[derive(Debug, Clone)]
pub struct Rebuild {
    /// Where it is.
    pub phase: Phase,
    /// Since when it is under way.
    pub since: Time,
    /// How many positions of the journals have been read.
    pub read: u64,
    /// How many there were when somebody last looked.
    pub of: u64,
    /// How the new rows differ from those that are shown; known when it is
    /// ready, and as of then.
    pub difference: Option<Difference>,
    /// Why it has failed.
    pub reason: Option<String>,
}

/// Where a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Reads the journals.
    Reading,
    /// Compares the rows.
    Comparing,
    /// Waits for the word to switch.
    Ready,
    /// The word was given.
    Switching,
    /// What is shown is the new rows.
    Switched,
    /// Given up by an operator.
    Cancelled,
    /// It could not be done; what is shown has not changed.
    Failed,
}

/// How the rows that were rebuilt differ from those that are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Difference {
    /// The same in both.
    pub same: u64,
    /// In both, and different.
    pub changed: u64,
    /// Rebuilt, and not shown.
    pub missing: u64,
    /// Shown, and not rebuilt.
    pub extra: u64,
    /// Some of those that differ, by number.
    pub examples: Vec<Example>,
}

/// One row that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// Which row.
    pub number: u64,
    /// How it differs.
    pub verdict: Verdict,
    /// What is wrong with the row that is shown, when it cannot be read.
    pub unreadable: Option<String>,
    /// The fields that differ, by name.
    pub fields: Vec<Field>,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// In both, and different.
    Changed,
    /// Rebuilt, and not shown.
    Missing,
    /// Shown, and not rebuilt.
    Extra,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// As it is shown.
    pub shown: Option<Json>,
    /// As it was rebuilt.
    pub rebuilt: Option<Json>,
}

/// A view, by its context and its name.
type Which = (&'static str, &'static str);

/// The rebuilds of a process: at the most one of each view.
#[derive(Default)]
pub struct Rebuilds(Mutex<BTreeMap<Which, Entry>>);

struct Entry {
    state: watch::Receiver<Rebuild>,
    orders: mpsc::Sender<Order>,
    task: JoinHandle<()>,
}

/// What an operator wants of a rebuild.
pub(crate) enum Order {
    Switch(oneshot::Sender<Result<Difference, Failure>>),
    Cancel(oneshot::Sender<Result<(), Failure>>),
}

impl Phase {
    /// Whether something is still to come.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Reading | Self::Comparing | Self::Ready | Self::Switching)
    }
}

impl Rebuilds {
    /// Ends all of them, as a process does.
    pub(crate) async fn end(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        for entry in all.into_values() {
            entry.task.abort();
            drop(entry.task.await); // it was meant to be cut short
        }
    }
}

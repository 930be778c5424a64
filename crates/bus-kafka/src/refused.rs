//! What was on a topic and is none of our events: kept with its reason, so that
//! an operator sees it. Nothing depends on it: what is missing because of it is
//! read from the journal.

use std::{collections::VecDeque, fmt::Write as _};

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

/// How many are kept.
const KEPT: usize = 100;

/// Something on a topic that is none of our events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The topic, the partition and the offset: `madang.repair.stock/3@1742`.
    pub place: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// How many bytes there were.
    pub size: usize,
    /// What is wrong with it.
    pub why: String,
}

/// The newest of them.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<VecDeque<Refused>>);

impl Refusals {
    /// Keeps one.
    pub(crate) fn keep(&self, place: String, bytes: &[u8], why: String) {
        let mut hash = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing into a text cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        tracing::error!(place, hash, why, "something on the bus is none of our events");
        let mut kept = self.0.lock();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Refused { place, hash, size: bytes.len(), why });
    }

    /// All that are kept, the newest last.
    #[must_use]
    pub fn all(&self) -> Vec<Refused> {
        self.0.lock().iter().cloned().collect()
    }
}

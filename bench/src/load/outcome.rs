//! What came of a load.

use std::{collections::BTreeMap, time::Duration};

/// What came of a load.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How long each good answer took, in microseconds.
    pub good: Vec<u32>,
    /// How long each answer took that said no for now: 429, 503.
    pub rejected: Vec<u32>,
    /// Those of them that did not say when to come back.
    pub without_again: u64,
    /// Every other status, and how often.
    pub wrong: BTreeMap<u16, u64>,
    /// Connections that broke.
    pub broken: u64,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Outcome {
    /// Takes in what one connection saw.
    pub fn add(&mut self, other: Self) {
        self.good.extend(other.good);
        self.rejected.extend(other.rejected);
        self.without_again += other.without_again;
        self.broken += other.broken;
        self.took = self.took.max(other.took);
        for (status, count) in other.wrong {
            *self.wrong.entry(status).or_default() += count;
        }
    }

    /// Good answers per second.
    pub fn rate(&self) -> f64 {
        self.good.len() as f64 / self.took.as_secs_f64()
    }

    /// Whether every single answer was good.
    pub fn is_clean(&self) -> bool {
        self.rejected.is_empty() && self.wrong.is_empty() && self.broken == 0
    }

    /// What was not good, in words.
    pub fn flaws(&self) -> String {
        let (rejected, broken) = (self.rejected.len(), self.broken);
        format!("{rejected} rejected, {broken} broken off, other statuses {:?}", self.wrong)
    }
}

/// The value below which this share of all lies, from 0 to 1, in milliseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
pub fn percentile(micros: &mut [u32], share: f64) -> f64 {
    if micros.is_empty() {
        return f64::NAN;
    }
    micros.sort_unstable();
    let at = (micros.len() as f64 * share) as usize;
    f64::from(micros[at.min(micros.len() - 1)]) / 1000.0
}

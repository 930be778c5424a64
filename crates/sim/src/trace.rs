//! What happened in a run, in order, and a fingerprint of it.

use std::time::Duration;

use kernel::Case;

/// What happened in a run.
#[derive(Debug, Clone)]
pub struct Trace {
    lines: Vec<Line>,
    hash: u64,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Line {
    /// When, in virtual time since the beginning.
    pub at: Duration,
    /// What it belongs to, if to one case only.
    pub case: Option<Case>,
    /// What.
    pub text: String,
}

impl Trace {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { lines: Vec::new(), hash: 0xcbf2_9ce4_8422_2325 }
    }

    /// This happened.
    pub fn add(&mut self, at: Duration, case: Option<Case>, text: String) {
        let time = u64::try_from(at.as_micros()).unwrap_or(u64::MAX).to_le_bytes();
        for byte in time.iter().chain(text.as_bytes()) {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.lines.push(Line { at, case, text });
    }

    /// The fingerprint.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// All of it.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The last lines that concern a case, or all when it is none in particular.
    #[must_use]
    pub fn last(&self, case: Option<Case>, most: usize) -> Vec<&Line> {
        let concerns = |line: &&Line| case.is_none() || line.case.is_none() || line.case == case;
        let mut last: Vec<_> = self.lines.iter().rev().filter(concerns).take(most).collect();
        last.reverse();
        last
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = self.at.as_millis();
        write!(f, "{:>8}.{:03}  {}", ms / 1000, ms % 1000, self.text)
    }
}

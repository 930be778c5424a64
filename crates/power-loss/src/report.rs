//! What trials have to say.

use std::{collections::BTreeMap, fmt};

use crate::trials::verdict::Verdict;

/// How many examples of something wrong are shown.
const EXAMPLES: usize = 5;

/// What trials have to say.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Report {
    /// What was done.
    pub title: String,
    /// Trials in which something that was acknowledged is gone.
    pub lost: u64,
    /// The most commits that were lost at once.
    pub lost_at_once: u64,
    /// Trials in which what is left is not the first so many commits, each whole.
    pub split: u64,
    /// Trials in which what is left cannot be opened, or is damaged.
    pub corrupt: u64,
    /// What else is not as it should be, and examples of the above.
    pub wrong: Vec<String>,
    /// To lose something is what these trials are meant to show.
    pub may_lose: bool,
    figures: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Of what was done.
    pub(crate) fn of(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// So many more of these.
    pub(crate) fn add(&mut self, what: &'static str, count: u64) {
        *self.figures.entry(what).or_default() += count;
    }

    /// How many of these there were.
    #[must_use]
    pub fn figure(&self, what: &str) -> u64 {
        self.figures.get(what).copied().unwrap_or_default()
    }

    /// What is left after so many commits were acknowledged; the next one may be
    /// there as well. How many are left, if all is as it should be, or may be.
    pub(crate) fn judge(
        &mut self,
        trial: impl fmt::Display + Copy,
        verdict: &Verdict,
        acknowledged: usize,
    ) -> Option<usize> {
        match verdict {
            Verdict::First(left) if *left > acknowledged + 1 => {
                self.split(trial, format!("{left} commits, and {acknowledged} were made"));
                None
            }
            Verdict::First(left) => {
                if *left < acknowledged {
                    self.lost(trial, (acknowledged - left) as u64);
                }
                (*left >= acknowledged || self.may_lose).then_some(*left)
            }
            Verdict::Split(how) => {
                self.split(trial, how);
                None
            }
            Verdict::Corrupt(how) => {
                self.corrupt(trial, how);
                None
            }
        }
    }

    /// So many commits that were acknowledged are gone.
    fn lost(&mut self, trial: impl fmt::Display + Copy, commits: u64) {
        self.lost += 1;
        self.lost_at_once = self.lost_at_once.max(commits);
        if !self.may_lose {
            self.wrong(trial, format!("{commits} acknowledged commits are lost"));
        }
    }

    /// Something is there that no number of commits makes.
    fn split(&mut self, trial: impl fmt::Display + Copy, how: impl fmt::Display) {
        self.split += 1;
        self.wrong(trial, format!("split: {how}"));
    }

    /// It cannot be opened, or is damaged.
    fn corrupt(&mut self, trial: impl fmt::Display + Copy, how: impl fmt::Display) {
        self.corrupt += 1;
        self.wrong(trial, format!("corrupt: {how}"));
    }

    /// Anything else.
    pub(crate) fn wrong(&mut self, trial: impl fmt::Display + Copy, how: impl fmt::Display) {
        self.wrong.push(format!("{trial}: {how}"));
    }

    /// Whether all is as it should be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, lost, lost_at_once, split, corrupt, wrong, .. } = self;
        let mark = if self.is_good() { "ok " } else { "BAD" };
        write!(f, "{mark} {title}: lost {lost} (at most {lost_at_once} commits), ")?;
        write!(f, "split {split}, corrupt {corrupt}, wrong {}", wrong.len())?;
        for (what, count) in &self.figures {
            write!(f, "; {what} {count}")?;
        }
        for example in wrong.iter().take(EXAMPLES) {
            // One line each: a difference can be as long as a database.
            write!(f, "\n      {}", example.chars().take(300).collect::<String>())?;
        }
        Ok(())
    }
}

//! The report of a whole run, as Markdown: a row for each experiment, then its particulars.

use std::{fmt, time::Duration};

use crate::{Report, catalogue::Experiment, dose::Dose};

/// The report of a whole run.
#[derive(Debug, Default)]
pub struct Sheet {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    experiment: &'static Experiment,
    dose: Dose,
    took: Duration,
    verdict: Verdict,
}

/// What came of one experiment.
#[derive(Debug)]
pub enum Verdict {
    /// It was done, and this is what was seen.
    Done(Report),
    /// It could not be brought to its end.
    Broken(String),
    /// It was not done.
    Skipped(String),
}

impl Verdict {
    /// In one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(report) if report.is_good() => "PASS",
            Self::Done(_) | Self::Broken(_) => "FAIL",
            Self::Skipped(_) => "SKIPPED",
        }
    }

    fn measured(&self) -> String {
        match self {
            Self::Done(report) => report.measured(),
            Self::Broken(why) | Self::Skipped(why) => why.clone(),
        }
    }
}

impl Sheet {
    /// One more.
    pub fn add(
        &mut self,
        experiment: &'static Experiment,
        dose: Dose,
        took: Duration,
        verdict: Verdict,
    ) {
        self.entries.push(Entry { experiment, dose, took, verdict });
    }

    /// How many passed, failed and were skipped.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let count = |word| self.entries.iter().filter(|it| it.verdict.word() == word).count();
        [count("PASS"), count("FAIL"), count("SKIPPED")]
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [passed, failed, skipped] = self.counts();
        writeln!(f, "# Fault experiments\n")?;
        writeln!(f, "{passed} passed, {failed} failed, {skipped} skipped.\n")?;
        writeln!(f, "| id | what is done | n | must be so | measured | verdict | seed | time |")?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
        for Entry { experiment, dose, took, verdict } in &self.entries {
            let measured = cell(&verdict.measured());
            let (id, what, criteria) = (experiment.id, experiment.what, experiment.passes);
            let (n, word, seed) = (experiment.amount(dose), verdict.word(), dose.seed);
            let took = format!("{:.1} s", took.as_secs_f64());
            writeln!(
                f,
                "| {id} | {what} | {n} | {criteria} | {measured} | {word} | {seed} | {took} |"
            )?;
        }
        for Entry { experiment, verdict, .. } in &self.entries {
            if let Verdict::Done(report) = verdict {
                writeln!(f, "\n## {}\n\n```text\n{report}```", experiment.id)?;
            }
        }
        Ok(())
    }
}

/// A cell has neither lines nor bars.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

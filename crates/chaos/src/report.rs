//! What an experiment has to say: what was done, what was counted, what is wrong.

use std::{fmt, time::Duration};

/// How many examples of something wrong are shown.
const EXAMPLES: usize = 5;

/// What an experiment has to say.
#[derive(Debug)]
#[must_use]
pub struct Report {
    title: String,
    facts: Vec<(&'static str, String)>,
    /// What this experiment is about.
    criteria: Vec<Finding>,
    /// What must be so after every experiment.
    findings: Vec<Finding>,
    kept: Option<String>,
}

/// Something that must be so, and whether it is.
#[derive(Debug)]
pub struct Finding {
    /// The number of the invariant; empty where it has none.
    rule: &'static str,
    what: String,
    figure: String,
    wrong: Vec<String>,
}

impl Report {
    /// Of what was done.
    pub fn of(title: impl Into<String>) -> Self {
        let (facts, criteria, findings, kept) = Default::default();
        Self { title: title.into(), facts, criteria, findings, kept }
    }

    /// Something that was counted or measured.
    pub(crate) fn fact(&mut self, name: &'static str, value: impl fmt::Display) {
        self.facts.push((name, value.to_string()));
    }

    /// Something that must be so, and what the experiment is made for.
    pub(crate) fn criterion(&mut self, finding: Finding) {
        self.criteria.push(finding);
    }

    /// Several of them.
    pub(crate) fn criteria(&mut self, criteria: impl IntoIterator<Item = Finding>) {
        self.criteria.extend(criteria);
    }

    /// Something that must be so.
    pub(crate) fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Several of them.
    pub(crate) fn findings(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// The data are still there.
    pub(crate) fn kept(mut self, folder: String) -> Self {
        self.kept = Some(folder);
        self
    }

    /// Whether all is as it should be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.all().all(Finding::is_good)
    }

    /// What was measured against its criteria, and how many of the invariants hold.
    pub(crate) fn measured(&self) -> String {
        let criteria = self.criteria.iter().map(Finding::line);
        let holds = self.findings.iter().filter(|it| it.is_good()).count();
        let all = self.findings.len();
        let holds = (all > 0).then(|| format!("invariants: {holds} of {all} hold"));
        let broken = self.findings.iter().filter(|it| !it.is_good()).map(Finding::line);
        let lines: Vec<_> = criteria.chain(broken).chain(holds).collect();
        lines.join("; ")
    }

    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.criteria.iter().chain(&self.findings)
    }
}

impl Finding {
    /// It must be so, for so many things; these are the ones for which it is not.
    pub fn each(what: impl Into<String>, looked_at: usize, wrong: Vec<String>) -> Self {
        let figure =
            format!("{} of {}", count(looked_at.saturating_sub(wrong.len())), count(looked_at));
        Self { rule: "", what: what.into(), figure, wrong }
    }

    /// None of these may be.
    pub fn none(what: impl Into<String>, wrong: Vec<String>) -> Self {
        Self { rule: "", what: what.into(), figure: count(wrong.len()), wrong }
    }

    /// It must be so; `seen` is what there is.
    pub fn so(what: impl Into<String>, is_so: bool, seen: impl fmt::Display) -> Self {
        let wrong = if is_so { Vec::new() } else { vec![seen.to_string()] };
        Self { rule: "", what: what.into(), figure: String::new(), wrong }
    }

    /// It must be at most so long.
    pub fn within(what: impl Into<String>, most: Duration, took: Duration) -> Self {
        let shown = format!("{} ms of at most {}", took.as_millis(), most.as_millis());
        Self::so(what, took <= most, &shown).with(&shown)
    }

    /// The invariant of this number.
    #[must_use]
    pub fn rule(mut self, number: &'static str) -> Self {
        self.rule = number;
        self
    }

    /// Whether it is so.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }

    fn line(&self) -> String {
        let Self { rule, what, figure, wrong } = self;
        let bad = if wrong.is_empty() { "" } else { "**NOT** " };
        let space = if rule.is_empty() { "" } else { " " };
        let gap = if figure.is_empty() { "" } else { ": " };
        format!("{bad}{rule}{space}{what}{gap}{figure}")
    }

    /// As it is, with a figure beside it.
    #[must_use]
    pub fn with(mut self, figure: impl fmt::Display) -> Self {
        self.figure = figure.to_string();
        self
    }
}

/// A number as people write it: `12,345`.
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The middle one and the longest: `p50 21 ms, max 40 ms`.
pub fn middle_and_most(times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let shown = |it: Option<&Duration>| it.map_or(0, Duration::as_millis);
    format!("p50 {} ms, max {} ms", shown(times.get(times.len() / 2)), shown(times.last()))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for (name, value) in &self.facts {
            writeln!(f, "  {name:<28} {value}")?;
        }
        for Finding { rule, what, figure, wrong } in self.all() {
            let mark = if wrong.is_empty() { "ok " } else { "BAD" };
            let gap = if figure.is_empty() { "" } else { ": " };
            let space = if rule.is_empty() { "" } else { " " };
            writeln!(f, "  {mark} {rule}{space}{what}{gap}{figure}")?;
            for example in wrong.iter().take(EXAMPLES) {
                writeln!(f, "        {example}")?;
            }
            if wrong.len() > EXAMPLES {
                writeln!(f, "        and {} more", count(wrong.len() - EXAMPLES))?;
            }
        }
        let (all, bad) = (self.all().count(), self.all().filter(|it| !it.is_good()).count());
        match bad {
            0 => writeln!(f, "  verdict: good, {all} things looked at")?,
            bad => writeln!(f, "  verdict: BAD, {bad} of {all}")?,
        }
        if let Some(folder) = &self.kept {
            writeln!(f, "  the data are kept in {folder}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Finding, Report, count, middle_and_most};

    #[test]
    fn one_bad_finding_makes_it_bad() {
        let mut report = Report::of("a try");
        report.finding(Finding::each("all are there", 2, Vec::new()));
        assert!(report.is_good());
        report.finding(Finding::each("all are there", 2, vec!["number 2".into()]));
        assert!(!report.is_good());
        let text = report.to_string();
        assert!(text.contains("BAD all are there: 1 of 2\n        number 2\n"), "{text}");
    }

    #[test]
    fn figures_are_easy_to_read() {
        assert_eq!([count(7_u64), count(1_234_567_u64)], ["7", "1,234,567"]);
        let times = [30, 10, 20].map(Duration::from_millis);
        assert_eq!(middle_and_most(&times), "p50 20 ms, max 30 ms");
    }
}

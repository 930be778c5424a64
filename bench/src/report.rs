//! What was found: a table for people, and JSON for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::rounds::{Round, medians};

/// One line of the table.
#[derive(Debug)]
pub struct Line {
    name: String,
    what: String,
    found: String,
    beside: String,
    figure: String,
    target: String,
    /// Whether the target was reached; nothing where there is none.
    met: Option<bool>,
    /// How it was measured, and what else was seen.
    notes: Vec<String>,
    rounds: Vec<Round>,
}

/// What must be so of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// It is at least so much.
    AtLeast(f64),
    /// It is at the most so much.
    AtMost(f64),
}

impl Line {
    /// A figure that stands for itself, with its unit.
    pub fn plain(name: &str, what: &str, value: f64, unit: &str, target: Option<Target>) -> Self {
        let mut line = Self::empty(name, what);
        line.found = format!("{} {unit}", shown(value));
        line.aim(value, target, unit);
        line
    }

    /// A figure beside that of a ceiling in the same rounds.
    pub fn ratio(name: &str, what: &str, rounds: Vec<Round>, unit: &str, target: Target) -> Self {
        let (subject, ceiling, ratio) = medians(&rounds);
        let mut line = Self::empty(name, what);
        line.found = format!("{} {unit}", shown(subject));
        line.beside = format!("{} {unit}", shown(ceiling));
        line.figure = format!("{ratio:.2}");
        line.aim(ratio, Some(target), "");
        line.rounds = rounds;
        line
    }

    /// Something that could not be measured, or does not count, and why.
    pub fn failed(name: &str, what: &str, why: &str) -> Self {
        let mut line = Self::empty(name, what);
        line.found = "not counted".into();
        line.met = Some(false);
        line.note(why);
        line
    }

    fn empty(name: &str, what: &str) -> Self {
        let (found, beside, figure, target) = Default::default();
        let (met, notes, rounds) = Default::default();
        let (name, what) = (name.to_owned(), what.to_owned());
        Self { name, what, found, beside, figure, target, met, notes, rounds }
    }

    fn aim(&mut self, value: f64, target: Option<Target>, unit: &str) {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        (self.target, self.met) = match target {
            Some(Target::AtLeast(least)) => (format!(">= {least}{unit}"), Some(value >= least)),
            Some(Target::AtMost(most)) => (format!("<= {most}{unit}"), Some(value <= most)),
            None => (String::new(), None),
        };
    }

    /// How it was measured, or what else was seen.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The same, on the way.
    #[must_use]
    pub fn with(mut self, text: impl Into<String>) -> Self {
        self.note(text);
        self
    }

    /// As a row of the table.
    pub fn row(&self) -> String {
        let Self { name, what, found, beside, figure, target, .. } = self;
        let met = match self.met {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        format!("| {name} | {what} | {found} | {beside} | {figure} | {target} | {met} |")
    }

    fn json(&self) -> Value {
        let rounds = self.rounds.iter().map(|it| json!([it.subject, it.ceiling]));
        json!({
            "name": self.name, "what": self.what, "found": self.found, "ceiling": self.beside,
            "ratio": self.figure, "target": self.target, "met": self.met, "notes": self.notes,
            "rounds": rounds.collect::<Vec<_>>(),
        })
    }
}

/// The head of the table.
pub const HEAD: &str = "| name | what | found | ceiling | ratio | target | reached |\n\
                        | --- | --- | ---: | ---: | ---: | --- | --- |";

/// The notes of all lines, as a list.
pub fn notes(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        for note in &line.notes {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {} ({}): {note}", line.name, line.what);
        }
    }
    text
}

/// Everything, for programs.
pub fn json(machine: &Value, lines: &[Line]) -> Value {
    json!({ "machine": machine, "lines": lines.iter().map(Line::json).collect::<Vec<_>>() })
}

/// With as many digits as mean something.
fn shown(value: f64) -> String {
    match value.abs() {
        it if it >= 100.0 => grouped(value),
        it if it >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

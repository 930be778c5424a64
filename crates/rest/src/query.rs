//! The fields behind the question mark.

use crate::{
    percent::{decode_query, encode},
    problem::{Place, Problem, Violation},
};

/// The fields behind the question mark, each once.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// # Errors
    ///
    /// When one is there twice, or is not UTF-8.
    pub fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let (mut fields, mut wrong) = (Vec::<(String, String)>::new(), Vec::new());
        for pair in query.unwrap_or_default().split('&').filter(|it| !it.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(field), Some(value)) = (decode_query(name), decode_query(value)) else {
                let sentences = ("UTF-8로 풀 수 없어요.", "cannot be decoded as UTF-8.");
                wrong.push(Violation::new(Place::Query, name, "encoding", sentences));
                continue;
            };
            if fields.iter().any(|(known, _)| *known == field) {
                wrong.push(Violation::twice(Place::Query, &field));
            } else {
                fields.push((field, value));
            }
        }
        if wrong.is_empty() { Ok(Self(fields)) } else { Err(Problem::invalid(wrong)) }
    }

    /// # Errors
    ///
    /// When there are others.
    pub fn only(&self, allowed: &[&str]) -> Result<(), Problem> {
        let unknown = self.0.iter().filter(|(name, _)| !allowed.contains(&name.as_str()));
        let wrong: Vec<_> =
            unknown.map(|(name, _)| Violation::unknown(Place::Query, name, allowed)).collect();
        if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(wrong)) }
    }

    /// What a field says.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// A number, between those two.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Violation> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let digits = text.bytes().all(|it| it.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && (least..=most).contains(&number) => Ok(Some(number)),
            _ => {
                let ko = format!("{least}에서 {most} 사이의 정수여야 해요.");
                let en = format!("must be a whole number from {least} to {most}.");
                let wrong = Violation::new(Place::Query, name, "range", (&ko, &en));
                Err(wrong.with("min", least).with("max", most))
            }
        }
    }

    /// As it is written in an address, without those fields and with these.
    pub fn written(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let kept = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| !without.contains(name));
        let pairs: Vec<_> = kept
            .chain(with.iter().copied())
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

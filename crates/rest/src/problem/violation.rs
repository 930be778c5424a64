//! One thing that is wrong with a request: where, and which rule it breaks.

use kernel::{Sentence, Tongue};
use serde_json::{Map, Value, json};

/// One thing that is wrong with a request.
#[derive(Debug, Clone)]
pub struct Violation {
    place: Place,
    field: String,
    rule: &'static str,
    more: Map<String, Value>,
    /// For the person who asked.
    pub sentence: Sentence,
}

/// Which part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
    Body,
}

impl Violation {
    /// This field breaks that rule. The sentences follow the name of the field.
    pub fn new(place: Place, field: &str, rule: &'static str, (ko, en): (&str, &str)) -> Self {
        let sentence = Sentence::new(format!("{field}: {ko}"), format!("{field}: {en}"));
        Self { place, field: field.to_owned(), rule, more: Map::new(), sentence }
    }

    /// A particular of the rule: the most there may be, the words that are allowed.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// This stands twice where it may stand once.
    pub fn twice(place: Place, field: &str) -> Self {
        Self::new(place, field, "once", ("한 번만 쓸 수 있어요.", "may be given only once."))
    }

    /// This is not known there; these are.
    pub fn unknown(place: Place, field: &str, allowed: &[&str]) -> Self {
        let names = allowed.join(", ");
        let (ko, en) = if names.is_empty() {
            ("여기에는 쓸 수 없어요.".to_owned(), "is not known here.".to_owned())
        } else {
            let ko = format!("알 수 없는 이름이에요. 쓸 수 있는 이름: {names}.");
            (ko, format!("is not known here; known are {names}."))
        };
        Self::new(place, field, "unknown", (&ko, &en)).with("allowed", allowed)
    }

    /// Something else stands there than one of these.
    pub fn one_of(place: Place, field: &str, allowed: &[&str]) -> Self {
        let names = allowed.join(", ");
        let (ko, en) = (format!("쓸 수 있는 값: {names}."), format!("must be one of {names}."));
        Self::new(place, field, "one-of", (&ko, &en)).with("allowed", allowed)
    }

    /// As a member of `errors`.
    pub fn json(self, tongue: Tongue) -> Value {
        let mut value = json!({
            "in": self.place.name(),
            "field": self.field,
            "rule": self.rule,
            "message": self.sentence.in_tongue(tongue),
        });
        if let Some(object) = value.as_object_mut() {
            object.extend(self.more);
        }
        value
    }
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
        }
    }
}

impl From<Violation> for super::Problem {
    fn from(violation: Violation) -> Self {
        Self::invalid(vec![violation])
    }
}

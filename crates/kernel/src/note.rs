//! What is written on a note of the board.

use std::fmt;

use serde_json::{Value, json};

use crate::Sentence;

/// A note on the board.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// Its name, on the wire too.
    pub name: &'static str,
    /// The sentence that explains it.
    pub doc: &'static str,
    /// The same in Korean; empty where nobody has said it.
    pub korean: &'static str,
    /// The version of its shape, from 1.
    pub version: u32,
    /// Its fields, in the order they were written down.
    pub fields: &'static [Field],
}

/// One field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its type, as the code calls it.
    pub kind: &'static str,
    /// The sentence that explains it, or nothing.
    pub doc: &'static str,
    /// What may stand in it.
    pub shape: Shape,
    /// Filled in by the runtime; whoever sends the message cannot.
    pub given: bool,
    /// May be left out.
    pub optional: bool,
    /// Other names that are understood for it.
    pub aliases: &'static [&'static str],
}

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// So many characters (Unicode scalar values).
    Text {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
        /// One that is right, where a rule beyond the length holds.
        sample: &'static str,
    },
    /// A whole number between these, both included.
    Whole {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Yes or no.
    Truth,
    /// A moment, in milliseconds since 1970-01-01T00:00Z.
    Moment,
    /// It, or nothing.
    Maybe(&'static Shape),
    /// Any number of it.
    Many(&'static Shape),
    /// Something with parts of its own, not described further.
    Thing,
}

impl Shape {
    /// A body that is right: the least that may stand there.
    #[must_use]
    pub fn sample(&self) -> Value {
        match self {
            Self::Text { min, sample: "", .. } => json!("가".repeat((*min).max(1))),
            Self::Text { sample, .. } => json!(sample),
            Self::Whole { min, .. } => json!(min),
            Self::OneOf(words) => words.first().map_or(Value::Null, |word| json!(word)),
            Self::Truth => json!(false),
            Self::Moment => json!(0),
            Self::Maybe(_) => Value::Null,
            Self::Many(_) => json!([]),
            Self::Thing => json!({}),
        }
    }
}

impl Note {
    /// The sentence that explains it.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        let korean = if self.korean.is_empty() { self.doc } else { self.korean };
        Sentence::new(korean, self.doc)
    }

    /// A body that is right, with nothing in it that may be left out.
    #[must_use]
    pub fn sample(&self) -> Value {
        let fields = self.fields.iter().filter(|field| !field.given && !field.optional);
        fields.map(|field| (field.name.to_owned(), field.shape.sample())).collect()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields.iter();
        let fields: Vec<_> = fields
            .map(|field| {
                let (open, close) = if field.given { ("[", "]") } else { ("", "") };
                format!("{open}{}: {}{close}", field.name, field.kind)
            })
            .collect();
        write!(f, "{}({})", self.name, fields.join(", "))
    }
}

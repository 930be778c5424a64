//! How the business says no: a sentence for the person who asked, in two languages.

use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use crate::{Shape, Word};

/// A reason to say no. Its `Display` is the English sentence.
pub trait Refuse: Error {
    /// The same in Korean, for a customer to read (해요체).
    fn in_korean(&self) -> String;
}

/// One sentence in the languages we speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    /// 한국어
    #[default]
    Korean,
    /// English
    English,
}

/// A message that does not have the shape its name promises.
#[derive(Debug, ThisError)]
#[error("{name} cannot be read")]
pub struct Unreadable {
    /// The name of the message, or of the state.
    pub name: &'static str,
    /// What is wrong with it.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl Unreadable {
    /// `name` cannot be read because of `source`.
    pub fn new(name: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { name, source: source.into() }
    }
}

impl Sentence {
    /// The same thing said twice.
    pub fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ko: ko.into(), en: en.into() }
    }

    /// What a refusal says.
    pub fn of(refusal: &impl Refuse) -> Self {
        Self { ko: refusal.in_korean(), en: refusal.to_string() }
    }

    /// In one language.
    #[must_use]
    pub fn in_tongue(&self, tongue: Tongue) -> &str {
        match tongue {
            Tongue::Korean => &self.ko,
            Tongue::English => &self.en,
        }
    }
}

impl Word for Sentence {
    const SHAPE: Shape = Shape::Thing;
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

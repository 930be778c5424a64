//! The words of the small business, each with a rule of its own.

use kernel::{Identity, Key, Shape, Subject, Text, Word};
use serde::{Deserialize, Serialize};

/// A word with a rule of its own, beyond its length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Phone(String);

impl TryFrom<String> for Phone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with("010") { Ok(Self(text)) } else { Err("must begin with 010".into()) }
    }
}

impl Word for Phone {
    const SHAPE: Shape = Shape::Text { min: 3, max: 20, sample: "010-0000-0001" };
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WareCode(pub Text<1, 20>);

impl Identity for WareCode {
    const NAMED: bool = true;

    fn key(&self) -> Key {
        Key::Name(self.0.to_string())
    }

    fn of(subject: &Subject) -> Self {
        Self(Text::new(subject.name.as_deref().unwrap_or_default()).unwrap())
    }

    fn sample() -> Self {
        Self(Text::new("1").unwrap())
    }
}

impl Word for WareCode {
    const SHAPE: Shape = <Text<1, 20>>::SHAPE;
}

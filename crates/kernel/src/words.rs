//! The words that messages are made of, each with what may stand in it.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::Shape;

/// A value that knows what may stand in it.
pub trait Word {
    /// Read by the edge, the interface description and the board.
    const SHAPE: Shape;
}

/// A text of `MIN` to `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// # Errors
    ///
    /// When it is too short or too long; control characters do not count as
    /// text, except a line break.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        let length = text.chars().count();
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err("must not contain control characters".into());
        }
        match length {
            _ if length < MIN => Err(format!("must have at least {MIN} characters")),
            _ if length > MAX => Err(format!("must have at most {MAX} characters")),
            _ => Ok(Self(text)),
        }
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whole<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// # Errors
    ///
    /// When it is out of range.
    pub fn new(number: i64) -> Result<Self, String> {
        match number {
            _ if number < MIN => Err(format!("must be at least {MIN}")),
            _ if number > MAX => Err(format!("must be at most {MAX}")),
            _ => Ok(Self(number)),
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl<const MIN: usize, const MAX: usize> Word for Text<MIN, MAX> {
    const SHAPE: Shape = Shape::Text { min: MIN, max: MAX, sample: "" };
}

impl<const MIN: i64, const MAX: i64> Word for Whole<MIN, MAX> {
    const SHAPE: Shape = Shape::Whole { min: MIN, max: MAX };
}

impl Word for String {
    const SHAPE: Shape = Shape::Text { min: 0, max: 1000, sample: "" };
}

impl Word for bool {
    const SHAPE: Shape = Shape::Truth;
}

impl Word for u32 {
    const SHAPE: Shape = Shape::Whole { min: 0, max: u32::MAX as i64 };
}

impl Word for u64 {
    const SHAPE: Shape = Shape::Whole { min: 0, max: i64::MAX };
}

impl Word for i64 {
    const SHAPE: Shape = Shape::Whole { min: i64::MIN, max: i64::MAX };
}

impl<W: Word> Word for Option<W> {
    const SHAPE: Shape = Shape::Maybe(&W::SHAPE);
}

impl<W: Word> Word for Vec<W> {
    const SHAPE: Shape = Shape::Many(&W::SHAPE);
}

impl<const MIN: usize, const MAX: usize> Deref for Text<MIN, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<const MIN: i64, const MAX: i64> Serialize for Whole<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

//! The number a customer is called back on: a Korean one, and never printed in full.

use std::fmt;

use kernel::{Shape, Word};
use serde::{Deserialize, Serialize};

/// A Korean phone number, written in one way: `010-0000-0001`.
///
/// It is stored and sent in full; printed, it is masked, so that no log can
/// tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads `010-0000-0001`, `01000000001`, `+82 10 0000 0001`, `02-000-0101`,
    /// `0507-0000-0001` or `1588-0000`.
    ///
    /// # Errors
    ///
    /// When nobody in Korea could be called there.
    pub fn new(text: &str) -> Result<Self, String> {
        grouped(text).map(Self).ok_or_else(|| "must be a Korean phone number".into())
    }
}

/// Digits only, the country left out, and then in groups.
fn grouped(text: &str) -> Option<String> {
    let abroad = text.strip_prefix("+82");
    let digits = abroad.unwrap_or(text).replace(['-', ' '], "");
    let digits = match abroad {
        Some(_) if !digits.starts_with('0') => format!("0{digits}"),
        _ => digits,
    };
    let head = match digits.as_bytes() {
        [b'0', b'2', ..] => 2,
        [b'0', b'5', b'0', ..] | [b'1', ..] => 4,
        [b'0', b'1'..=b'9', ..] => 3,
        _ => return None,
    };
    let tail = digits.len().checked_sub(4).filter(|tail| *tail >= head)?;
    let numeric = digits.bytes().all(|it| it.is_ascii_digit());
    match (digits.as_bytes()[0], tail - head) {
        (b'0', 3 | 4) if numeric => {
            Some(format!("{}-{}-{}", &digits[..head], &digits[head..tail], &digits[tail..]))
        }
        (b'1', 0) if numeric => Some(format!("{}-{}", &digits[..head], &digits[tail..])),
        _ => None,
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl Word for PhoneNumber {
    const SHAPE: Shape = Shape::Text { min: 8, max: 20, sample: "010-0000-0001" };
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split('-').collect::<Vec<_>>()[..] {
            [head, middle, tail] => write!(f, "{head}-{}-{tail}", "*".repeat(middle.len())),
            [head, ..] => write!(f, "{head}-****"),
            [] => Ok(()),
        }
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

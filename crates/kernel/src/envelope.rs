//! What stands on the envelope of a command or an event: who, when, why.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Shape, Word};

/// A moment of business time: milliseconds since 1970-01-01T00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub i64);

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Actor {
    /// What they are called.
    pub name: Arc<str>,
    /// The role they act in, or nothing when the system acts by itself.
    pub role: Arc<str>,
}

/// What belongs together from the first command on: the kind and the number of
/// the thing that command was about. The field calls it a correlation id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Case {
    /// The kind of aggregate it began with.
    pub kind: &'static str,
    /// Its number.
    pub number: u64,
}

/// What led to an event. The field calls it a causation id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The command that was decided.
    pub command: &'static str,
    /// The event a policy or an effect reacted to: context and position;
    /// nothing when somebody outside gave the command.
    pub event: Option<(&'static str, u64)>,
}

/// 128 bits that nobody can guess.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

/// What a command comes in.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// When it is decided.
    pub at: Time,
    /// Who gave it.
    pub by: Actor,
    /// Fresh random bits.
    pub chance: u128,
}

/// What the runtime fills in.
pub trait Given {
    /// Taken from the envelope.
    fn given(envelope: &Envelope) -> Self;
}

impl Time {
    /// Later by so much.
    #[must_use]
    pub fn plus(self, wait: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Actor {
    /// A person in a role.
    pub fn new(name: impl Into<Arc<str>>, role: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), role: role.into() }
    }

    /// The system itself, when a policy wants something.
    #[must_use]
    pub fn system() -> Self {
        Self::new("madang", "system")
    }
}

impl Given for Time {
    fn given(envelope: &Envelope) -> Self {
        envelope.at
    }
}

impl Given for Actor {
    fn given(envelope: &Envelope) -> Self {
        envelope.by.clone()
    }
}

impl Given for Token {
    fn given(envelope: &Envelope) -> Self {
        Self(format!("{:032x}", envelope.chance))
    }
}

impl Word for Time {
    const SHAPE: Shape = Shape::Moment;
}

impl Word for Actor {
    const SHAPE: Shape = Shape::Thing;
}

impl Word for Token {
    const SHAPE: Shape = Shape::Text { min: 32, max: 32, sample: "" };
}

impl Token {
    /// For a link; compare with [`Token::matches`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        let pairs = self.0.bytes().zip(other.bytes());
        self.0.len() == other.len() && pairs.fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.number)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.role)
    }
}

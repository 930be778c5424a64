//! Which one: the number of a request, the code of a part.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Shape, Subject, Word};

/// What a message can be about.
pub trait Identity: Clone + fmt::Debug + PartialEq + Send + Sync + 'static {
    /// True when people call it by a name of its own; false when we count.
    const NAMED: bool;

    /// As it is looked up.
    fn key(&self) -> Key;

    /// As it stands on an event.
    fn of(subject: &Subject) -> Self;

    /// Any one, for an example.
    fn sample() -> Self;
}

/// An identity that is a number, so that it says by itself which row is meant.
pub trait Counted: Identity {
    /// The number, from 1.
    fn number(&self) -> u64;
}

/// As it is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// Counted per kind, from 1.
    Number(u64),
    /// Its own name; the store gives it a number at its first event.
    Name(String),
}

/// The number of one `K`, counted from 1. `K` is a marker: a type without values.
pub struct Id<K>(u64, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// The `number`th.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number, PhantomData)
    }
}

impl<K: 'static> Identity for Id<K> {
    const NAMED: bool = false;

    fn key(&self) -> Key {
        Key::Number(self.0)
    }

    fn of(subject: &Subject) -> Self {
        Self::new(subject.number)
    }

    fn sample() -> Self {
        Self::new(1)
    }
}

impl<K: 'static> Counted for Id<K> {
    fn number(&self) -> u64 {
        self.0
    }
}

impl<K> Word for Id<K> {
    const SHAPE: Shape = Shape::Whole { min: 1, max: i64::MAX };
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> Default for Id<K> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl<K> FromStr for Id<K> {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::new)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::new)
    }
}

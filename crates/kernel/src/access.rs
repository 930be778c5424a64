//! Who may do what.

use std::fmt;

/// A part that a person plays in a business, as its people call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    /// The identifier: `engineer`.
    pub name: &'static str,
    /// What people say: 엔지니어.
    pub korean: &'static str,
}

impl Role {
    /// A role of a business.
    #[must_use]
    pub const fn new(name: &'static str, korean: &'static str) -> Self {
        Self { name, korean }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

//! Words that mean the same in every context of the centre.

use std::fmt;

use kernel::{Counted, Id, Identity, Indexed, Key, Role, Shape, Subject, Text, Word};
use serde::{Deserialize, Serialize};

/// A request for a repair, as something that is counted.
pub enum ServiceRequest {}

/// The number of a request. Its job and its payment have the same.
pub type RequestId = Id<ServiceRequest>;

/// What is wrong with the appliance, in the customer's words.
pub type Symptom = Text<1, 500>;

/// What a person is called.
pub type PersonName = Text<1, 50>;

/// The code of a product, and of the part that repairs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProductCode(Text<1, 40>);

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Won(u64);

/// Asks for a repair and pays for it.
pub const CUSTOMER: Role = Role::new("customer", "고객");
/// Repairs.
pub const ENGINEER: Role = Role::new("engineer", "엔지니어");
/// Takes calls and acts for the customer.
pub const DESK: Role = Role::new("desk", "접수 상담원");
/// Looks after the parts.
pub const PARTS_KEEPER: Role = Role::new("parts_keeper", "부품 담당");
/// Answers for all of it.
pub const CENTER_MANAGER: Role = Role::new("center_manager", "센터장");

/// The number of a request, for a list.
#[must_use]
pub fn indexed(request: Option<RequestId>) -> Indexed {
    request.and_then(|it| i64::try_from(it.number()).ok()).into()
}

impl ProductCode {
    /// # Errors
    ///
    /// When it is empty or longer than 40 characters.
    pub fn new(code: impl Into<String>) -> Result<Self, String> {
        Text::new(code).map(Self)
    }

    /// As it is printed on the label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Won {
    /// What one payment can be at most.
    pub const MAX: u64 = 9_999_999;

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl Identity for ProductCode {
    const NAMED: bool = true;

    fn key(&self) -> Key {
        Key::Name(self.0.to_string())
    }

    fn of(subject: &Subject) -> Self {
        let code = subject.name.as_deref().expect("a part is called by its code");
        Self::new(code).expect("a code was read before anything happened to its part")
    }

    fn sample() -> Self {
        Self::new("1").expect("one character is enough")
    }
}

impl TryFrom<u64> for Won {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match number {
            0..=Self::MAX => Ok(Self(number)),
            _ => Err(format!("must be at most {}", Self::MAX)),
        }
    }
}

impl Word for ProductCode {
    const SHAPE: Shape = <Text<1, 40>>::SHAPE;
}

impl Word for Won {
    const SHAPE: Shape = Shape::Whole { min: 0, max: 9_999_999 };
}

impl fmt::Display for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Won {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

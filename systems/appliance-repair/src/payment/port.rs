//! What payment wants of the world outside.

use kernel::{Message, Shape, Wish, Word};
use serde::{Deserialize, Serialize};

use crate::words::{RequestId, Won};

/// Take this much from the customer, once for each order id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct Charge {
    pub order_id: String,
    pub amount: Won,
    pub order_name: String,
}

/// What came of it. Not knowing is not among the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChargeOutcome {
    Captured { payment_key: String },
    Declined { reason: String },
}

impl Wish for Charge {
    type Answer = ChargeOutcome;
    const TO: &'static str = "payment-provider";
}

impl Word for ChargeOutcome {
    const SHAPE: Shape = Shape::Thing;
}

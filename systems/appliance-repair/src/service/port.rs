//! What service needs to know from the others, in its own words.

use kernel::{Message, Question};
use serde::{Deserialize, Serialize};

use crate::words::{ProductCode, Won};

/// Is there a part for this product that nobody else has reserved?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(ProductCode)]
pub struct PartOnHand {}

/// So many are free, at this price each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    pub available: u32,
    pub unit_price: Won,
}

impl Question for PartOnHand {
    type Answer = Quote;
    const OF: &'static str = "stock";
}

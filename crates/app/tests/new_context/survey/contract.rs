//! What survey tells the others.

use appliance_repair::words::RequestId;
use kernel::{Message, Whole};
use serde::{Deserialize, Serialize};

/// A customer was asked how it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct SurveySent {}

/// The customer has said how it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct SurveyAnswered {
    pub stars: Whole<1, 5>,
}

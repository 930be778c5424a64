//! What payment tells the others.

use kernel::{Message, Refuse};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::words::{RequestId, Won};

/// The money is asked for, under a number of our own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("수리비를 청구했어요.")]
#[of(RequestId)]
pub struct PaymentAsked {
    pub amount: Won,
    /// The how-manieth time, from 1.
    pub attempt: u32,
    /// What the provider knows this attempt by.
    pub order_id: String,
}

/// The money is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("수리비가 결제됐어요.")]
#[of(RequestId)]
pub struct Paid {
    pub price: Won,
    /// What the provider calls the payment; nothing, when nothing was to be paid.
    pub payment_key: Option<String>,
}

/// The provider refused; the money is still open.
#[derive(Debug, Clone, PartialEq, Error, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("결제가 거절됐어요. 아직 받을 돈이 남아 있어요.")]
#[of(RequestId)]
#[error("the payment was declined: {reason}")]
pub struct PaymentDeclined {
    pub attempt: u32,
    pub reason: String,
}

impl Refuse for PaymentDeclined {
    fn in_korean(&self) -> String {
        format!("결제가 승인되지 않았어요. (사유: {})", self.reason)
    }
}

//! What customers and the desk see of the payments.

use kernel::{Evolve, Message, Recorded, Time};
use serde::{Deserialize, Serialize};

use super::contract::{Paid, PaymentAsked, PaymentDeclined};
use crate::{
    status::PayStatus,
    words::{RequestId, Won},
};

/// One payment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct PayRow {
    pub request_id: Option<RequestId>,
    pub price: Won,
    pub status: PayStatus,
    /// When it was paid.
    pub pay_date: Option<Time>,
    pub attempts: u32,
    /// Why the last attempt was declined.
    pub reason: Option<String>,
}

impl Evolve<PaymentAsked> for PayRow {
    fn evolve(&mut self, asked: &Recorded<PaymentAsked>) {
        *self = Self {
            request_id: Some(asked.of),
            price: asked.amount,
            status: PayStatus::Pending,
            attempts: asked.attempt,
            ..Self::default()
        };
    }
}

impl Evolve<Paid> for PayRow {
    fn evolve(&mut self, paid: &Recorded<Paid>) {
        self.request_id = Some(paid.of);
        self.price = paid.price;
        self.status = PayStatus::Paid;
        self.pay_date = Some(paid.at);
    }
}

impl Evolve<PaymentDeclined> for PayRow {
    fn evolve(&mut self, declined: &Recorded<PaymentDeclined>) {
        self.status = PayStatus::Declined;
        self.reason = Some(declined.reason.clone());
    }
}

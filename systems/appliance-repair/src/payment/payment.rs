//! One payment, for one request.

use kernel::{
    Either::{self, That, This},
    Evolve, Message, Recorded, Refuse,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    contract::{Paid, PaymentAsked, PaymentDeclined},
    port::ChargeOutcome,
};
use crate::words::{RequestId, Won};

/// Ask for what is owed.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct AskPayment {
    pub request_id: RequestId,
    pub amount: Won,
}

/// Write down what the provider said to one attempt.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct RecordCharge {
    pub attempt: u32,
    pub outcome: ChargeOutcome,
}

/// Try to pay once more.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct RetryPayment {}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub enum Payment {
    #[default]
    NotAsked,
    Pending(Attempt),
    Declined(Attempt),
    Paid,
}

/// The last time the money was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    request_id: RequestId,
    amount: Won,
    number: u32,
}

#[derive(Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("there is nothing to pay yet")]
    NotAsked,
    #[error("the payment is still being checked; please wait a moment")]
    StillPending,
    #[error("this is already paid")]
    AlreadyPaid,
}

/// A free repair is paid at once, and nobody is charged.
pub fn ask(
    payment: &Payment,
    AskPayment { request_id, amount }: AskPayment,
) -> Either<Option<PaymentAsked>, Paid> {
    match payment {
        Payment::NotAsked if amount == Won::default() => {
            That(Paid { price: amount, payment_key: None })
        }
        Payment::NotAsked => This(Some(asked(request_id, amount, 1))),
        _ => This(None),
    }
}

/// Only the attempt that is open can settle.
pub fn record_charge(
    payment: &Payment,
    RecordCharge { attempt, outcome }: RecordCharge,
) -> Either<Option<Paid>, PaymentDeclined> {
    match (payment, outcome) {
        (Payment::Pending(open), ChargeOutcome::Captured { payment_key })
            if open.number == attempt =>
        {
            This(Some(Paid { price: open.amount, payment_key: Some(payment_key) }))
        }
        (Payment::Pending(open), ChargeOutcome::Declined { reason }) if open.number == attempt => {
            That(PaymentDeclined { attempt, reason })
        }
        _ => This(None),
    }
}

/// Nobody is charged twice: only what was declined is asked for again.
pub fn retry(payment: &Payment, _: RetryPayment) -> Result<PaymentAsked, Refusal> {
    match payment {
        Payment::Declined(last) => Ok(asked(last.request_id, last.amount, last.number + 1)),
        Payment::Pending(_) => Err(Refusal::StillPending),
        Payment::Paid => Err(Refusal::AlreadyPaid),
        Payment::NotAsked => Err(Refusal::NotAsked),
    }
}

fn asked(request: RequestId, amount: Won, attempt: u32) -> PaymentAsked {
    PaymentAsked { amount, attempt, order_id: format!("AS-{request}-{attempt}") }
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        match self {
            Self::NotAsked => "아직 결제할 금액이 없어요.",
            Self::StillPending => "결제를 확인하고 있어요. 잠시만 기다려 주세요.",
            Self::AlreadyPaid => "이미 결제가 끝났어요.",
        }
        .into()
    }
}

impl Evolve<PaymentAsked> for Payment {
    fn evolve(&mut self, asked: &Recorded<PaymentAsked>) {
        let (request_id, amount, number) = (asked.of, asked.amount, asked.attempt);
        *self = Self::Pending(Attempt { request_id, amount, number });
    }
}

impl Evolve<Paid> for Payment {
    fn evolve(&mut self, _: &Recorded<Paid>) {
        *self = Self::Paid;
    }
}

impl Evolve<PaymentDeclined> for Payment {
    fn evolve(&mut self, _: &Recorded<PaymentDeclined>) {
        if let Self::Pending(attempt) = self {
            *self = Self::Declined(attempt.clone());
        }
    }
}

//! What payment does of its own accord.

use kernel::{Recorded, To};

use super::{
    contract::PaymentAsked,
    payment::{AskPayment, RecordCharge},
    port::{Charge, ChargeOutcome},
};
use crate::service::contract::Repaired;

pub fn ask_for_the_money_when_the_repair_is_done(job: &Recorded<Repaired>) -> To<AskPayment> {
    To(job.of, AskPayment { request_id: job.of, amount: job.price })
}

pub fn charge_what_is_owed(payment: &Recorded<PaymentAsked>) -> Charge {
    let PaymentAsked { amount, order_id, .. } = PaymentAsked::clone(payment);
    Charge { order_id, amount, order_name: format!("A/S 수리비 (접수번호 {})", payment.of) }
}

pub fn record_what_came_of_the_charge(
    payment: &Recorded<PaymentAsked>,
    outcome: ChargeOutcome,
) -> To<RecordCharge> {
    To(payment.of, RecordCharge { attempt: payment.attempt, outcome })
}

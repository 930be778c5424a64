//! What service does of its own accord.

use kernel::{Recorded, To};

use super::{
    acceptance::{ConfirmAcceptance, OpenJob, RecordShortage},
    cancel::CancelJob,
    completion::{MarkReceivable, RecordDecline, RecordPayment},
    contract::Repaired,
    job::Order,
};
use crate::{
    payment::contract::{Paid, PaymentDeclined},
    request::contract::{CancelAsked, ServiceRequested},
    stock::contract::{PartsReserved, ReservationRefused},
};

pub fn open_a_job_for_every_request(request: &Recorded<ServiceRequested>) -> To<OpenJob> {
    let ServiceRequested { symptom, product_id, customer_name, phone_number, .. } =
        ServiceRequested::clone(request);
    To(request.of, OpenJob { order: Order { symptom, product_id, customer_name, phone_number } })
}

pub fn accept_the_job_when_its_part_is_reserved(
    part: &Recorded<PartsReserved>,
) -> To<ConfirmAcceptance> {
    To(part.request, ConfirmAcceptance { price: part.unit_price })
}

pub fn let_the_job_wait_when_its_part_is_gone(
    part: &Recorded<ReservationRefused>,
) -> To<RecordShortage> {
    To(part.request, RecordShortage { attempt: part.attempt })
}

pub fn cancel_the_job_with_its_request(request: &Recorded<CancelAsked>) -> To<CancelJob> {
    let CancelAsked { symptom, product_id, customer_name, phone_number } =
        CancelAsked::clone(request);
    To(request.of, CancelJob { order: Order { symptom, product_id, customer_name, phone_number } })
}

pub fn close_the_job_when_it_is_paid(payment: &Recorded<Paid>) -> To<RecordPayment> {
    To(payment.of, RecordPayment {})
}

pub fn note_that_the_payment_was_declined(
    payment: &Recorded<PaymentDeclined>,
) -> To<RecordDecline> {
    let PaymentDeclined { attempt, reason } = PaymentDeclined::clone(payment);
    To(payment.of, RecordDecline { attempt, reason })
}

pub fn call_it_receivable_after_a_week(job: &Recorded<Repaired>) -> To<MarkReceivable> {
    To(job.of, MarkReceivable {})
}

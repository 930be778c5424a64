//! Canceling, and the races it runs.

use kernel::{
    Either::{self, That, This},
    Recorded, To,
    spec::given,
};

use super::{accepted, asked, canceled, noted, opened, order, paid, repaired, short};
use crate::{
    examples::{customer, engineer, phone, product, request, symptom, won},
    request::contract::CancelAsked,
    service::{
        acceptance::{
            AcceptJob, ConfirmAcceptance, RecordShortage, accept, confirm, record_shortage,
        },
        cancel::{CancelJob, cancel},
        contract::{AsCancelDenied, AsCanceled, CancelNoted},
        job::Job,
        policy,
        port::Quote,
        refusal::Refusal,
    },
};

#[test]
fn a_job_nobody_has_accepted_is_canceled() {
    given::<Job>().event(opened()).when(canceling).then(This(Some(canceled(None, None))));
}

#[test]
fn a_job_that_waits_for_parts_is_canceled() {
    given::<Job>()
        .event(opened())
        .event(short())
        .when(canceling)
        .then(This(Some(canceled(None, None))));
}

#[test]
fn an_accepted_job_is_canceled_and_says_whose_it_was() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(accepted())
        .when(canceling)
        .then(This(Some(canceled(Some("김도현"), Some(won(5_000))))));
}

#[test]
fn a_cancel_waits_for_the_acceptance_under_way() {
    given::<Job>().event(opened()).event(asked(1)).when(canceling).then(That(This(noted())));
}

#[test]
fn a_cancel_that_waits_is_noted_once() {
    given::<Job>().event(opened()).event(asked(1)).event(noted()).when(canceling).then(This(None));
}

#[test]
fn a_reservation_that_comes_after_the_cancel_ends_it() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(noted())
        .when(|job| confirm(job, ConfirmAcceptance { price: won(5_000) }))
        .then(That(canceled(Some("김도현"), Some(won(5_000)))));
}

#[test]
fn a_shortage_that_comes_after_the_cancel_ends_it_too() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(noted())
        .when(|job| record_shortage(job, RecordShortage { attempt: 1 }))
        .then(That(canceled(Some("김도현"), None)));
}

#[test]
fn a_reservation_told_twice_to_a_canceled_job_changes_nothing() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(noted())
        .event(canceled(Some("김도현"), Some(won(5_000))))
        .when(|job| confirm(job, ConfirmAcceptance { price: won(5_000) }))
        .then(This(None));
}

#[test]
fn a_cancel_that_arrives_before_its_request_still_counts() {
    given::<Job>().when(canceling).then(This(Some(canceled(None, None))));
}

#[test]
fn a_cancel_delivered_twice_is_one_cancel() {
    given::<Job>().event(opened()).event(canceled(None, None)).when(canceling).then(This(None));
}

#[test]
fn a_repaired_appliance_cannot_be_canceled() {
    let when = given::<Job>().event(accepted()).event(repaired()).when(reason);
    when.then(Some("이미 수리가 끝나서 취소할 수 없어요.".into()));
}

#[test]
fn a_paid_repair_can_only_be_refunded() {
    let when = given::<Job>().event(repaired()).event(paid()).when(reason);
    when.then(Some("이미 결제까지 끝나서 취소할 수 없어요. 환불은 센터에 문의해 주세요.".into()));
}

#[test]
fn whoever_accepts_a_canceled_job_hears_of_it() {
    let by_kim = || AcceptJob { engineer: engineer() };
    let quote = Quote { available: 1, unit_price: won(5_000) };
    given::<Job>()
        .event(opened())
        .event(canceled(None, None))
        .when(|job| accept(job, by_kim(), quote))
        .then(Err(Refusal::Canceled));
}

#[test]
fn a_cancel_is_told_to_the_job_of_the_same_number() {
    let asked = CancelAsked {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    };
    let asked = Recorded { of: request(7), ..Recorded::example(asked) };
    let To(of, command) = policy::cancel_the_job_with_its_request(&asked);
    assert_eq!((of, command.order), (request(7), order()));
}

fn canceling(job: &Job) -> Either<Option<AsCanceled>, Either<CancelNoted, AsCancelDenied>> {
    cancel(job, CancelJob { order: order() })
}

fn reason(job: &Job) -> Option<String> {
    match canceling(job) {
        That(That(AsCancelDenied { reason })) => Some(reason.ko),
        _ => None,
    }
}

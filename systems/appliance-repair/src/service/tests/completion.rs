//! Repairing, and being paid for it.

use kernel::{Recorded, spec::given};

use super::{accepted, asked, canceled, declined, opened, paid, repaired, short};
use crate::{
    examples::won,
    payment::contract::{Paid, PaymentDeclined},
    service::{
        completion::{
            CompleteRepair, MarkReceivable, RecordDecline, RecordPayment, complete,
            mark_receivable, record_decline, record_payment,
        },
        contract::BecameReceivable,
        job::Job,
        policy,
        refusal::Refusal,
    },
};

#[test]
fn what_is_owed_is_what_was_promised() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(accepted())
        .when(|job| complete(job, CompleteRepair {}))
        .then(Ok(repaired()));
}

#[test]
fn only_an_accepted_job_is_repaired() {
    let complete = |job: &Job| complete(job, CompleteRepair {});
    let job = given::<Job>;
    job().when(complete).then(Err(Refusal::NotListed));
    job().event(opened()).when(complete).then(Err(Refusal::NotAccepted));
    job().event(opened()).event(short()).when(complete).then(Err(Refusal::NotAccepted));
    job().event(opened()).event(asked(1)).when(complete).then(Err(Refusal::NotAccepted));
    job().event(canceled(None, None)).when(complete).then(Err(Refusal::Canceled));
}

#[test]
fn an_appliance_is_repaired_once() {
    let refused = || Err(Refusal::AlreadyRepaired("김도현".into()));
    given::<Job>().event(repaired()).when(|job| complete(job, CompleteRepair {})).then(refused());
    given::<Job>()
        .event(repaired())
        .event(paid())
        .when(|job| complete(job, CompleteRepair {}))
        .then(refused());
}

#[test]
fn a_job_is_over_when_the_money_is_there() {
    given::<Job>()
        .event(repaired())
        .when(|job| record_payment(job, RecordPayment {}))
        .then(Some(paid()));
}

#[test]
fn a_payment_told_twice_is_one_payment() {
    given::<Job>()
        .event(repaired())
        .event(paid())
        .when(|job| record_payment(job, RecordPayment {}))
        .then(None);
}

#[test]
fn nothing_is_paid_that_was_not_repaired() {
    given::<Job>().event(accepted()).when(|job| record_payment(job, RecordPayment {})).then(None);
}

#[test]
fn a_declined_payment_leaves_the_job_open() {
    given::<Job>()
        .event(repaired())
        .when(|job| record_decline(job, decline(1)))
        .then(Some(declined(1)));
    given::<Job>()
        .event(repaired())
        .event(declined(1))
        .when(|job| record_payment(job, RecordPayment {}))
        .then(Some(paid()));
}

#[test]
fn every_attempt_is_declined_once() {
    given::<Job>()
        .event(repaired())
        .event(declined(1))
        .when(|job| record_decline(job, decline(1)))
        .then(None);
    given::<Job>()
        .event(repaired())
        .event(declined(1))
        .when(|job| record_decline(job, decline(2)))
        .then(Some(declined(2)));
}

#[test]
fn a_decline_that_arrives_after_the_payment_does_not_matter() {
    given::<Job>()
        .event(repaired())
        .event(paid())
        .when(|job| record_decline(job, decline(1)))
        .then(None);
}

#[test]
fn what_is_not_paid_in_a_week_is_a_receivable() {
    given::<Job>()
        .event(repaired())
        .when(|job| mark_receivable(job, MarkReceivable {}))
        .then(Some(BecameReceivable {}));
}

#[test]
fn a_receivable_is_marked_once_and_may_still_be_paid() {
    given::<Job>()
        .event(repaired())
        .event(BecameReceivable {})
        .when(|job| mark_receivable(job, MarkReceivable {}))
        .then(None);
    given::<Job>()
        .event(repaired())
        .event(BecameReceivable {})
        .when(|job| record_payment(job, RecordPayment {}))
        .then(Some(paid()));
}

#[test]
fn what_was_paid_in_time_is_no_receivable() {
    given::<Job>()
        .event(repaired())
        .event(paid())
        .when(|job| mark_receivable(job, MarkReceivable {}))
        .then(None);
}

#[test]
fn what_payment_says_is_told_to_the_job_of_the_same_number() {
    let money = Recorded::example(Paid { price: won(5_000), payment_key: None });
    assert_eq!(policy::close_the_job_when_it_is_paid(&money).0, money.of);
    let no_money = PaymentDeclined { attempt: 2, reason: "한도 초과".into() };
    let told = policy::note_that_the_payment_was_declined(&Recorded::example(no_money));
    assert_eq!((told.1.attempt, told.1.reason.as_str()), (2, "한도 초과"));
    let done = Recorded::example(repaired());
    assert_eq!(policy::call_it_receivable_after_a_week(&done).0, done.of);
}

fn decline(attempt: u32) -> RecordDecline {
    RecordDecline { attempt, reason: "한도 초과".into() }
}

//! The rules of payment, by example.

use kernel::{
    Either::{That, This},
    Evolve, Message, Recorded, Sentence, Time, To,
    spec::given,
};
use serde_json::{from_value, json, to_value};

use super::{
    contract::{Paid, PaymentAsked, PaymentDeclined},
    payment::{
        AskPayment, Payment, RecordCharge, Refusal, RetryPayment, ask, record_charge, retry,
    },
    policy,
    port::{Charge, ChargeOutcome},
    view::PayRow,
};
use crate::{
    examples::{customer, phone, product, request, symptom, won},
    service::contract::Repaired,
    status::{JobStatus, PayStatus},
};

#[test]
fn what_is_owed_is_asked_for() {
    given::<Payment>().when(|payment| ask(payment, five_thousand())).then(This(Some(asked(1))));
}

#[test]
fn a_repair_delivered_twice_is_asked_for_once() {
    given::<Payment>()
        .event(asked(1))
        .when(|payment| ask(payment, five_thousand()))
        .then(This(None));
    given::<Payment>()
        .event(asked(1))
        .event(paid())
        .when(|payment| ask(payment, five_thousand()))
        .then(This(None));
}

#[test]
fn a_free_repair_is_paid_at_once_and_charges_nobody() {
    let free = AskPayment { request_id: request(1), amount: won(0) };
    given::<Payment>()
        .when(|payment| ask(payment, free))
        .then(That(Paid { price: won(0), payment_key: None }));
}

#[test]
fn what_was_captured_is_paid() {
    given::<Payment>()
        .event(asked(1))
        .when(|payment| record_charge(payment, captured(1)))
        .then(This(Some(paid())));
}

#[test]
fn what_was_declined_is_still_owed() {
    given::<Payment>()
        .event(asked(1))
        .when(|payment| record_charge(payment, over_the_limit(1)))
        .then(That(declined(1)));
}

#[test]
fn an_attempt_settles_once() {
    let paid = || given::<Payment>().event(asked(1)).event(paid());
    paid().when(|payment| record_charge(payment, captured(1))).then(This(None));
    paid().when(|payment| record_charge(payment, over_the_limit(1))).then(This(None));
    given::<Payment>()
        .event(asked(1))
        .event(declined(1))
        .when(|payment| record_charge(payment, over_the_limit(1)))
        .then(This(None));
}

#[test]
fn only_the_open_attempt_settles() {
    let second = || given::<Payment>().event(asked(1)).event(declined(1)).event(asked(2));
    second().when(|payment| record_charge(payment, captured(1))).then(This(None));
    second().when(|payment| record_charge(payment, over_the_limit(1))).then(This(None));
    second().when(|payment| record_charge(payment, captured(2))).then(This(Some(paid())));
    given::<Payment>().when(|payment| record_charge(payment, captured(1))).then(This(None));
}

#[test]
fn what_was_declined_may_be_tried_again_under_a_new_number() {
    given::<Payment>()
        .event(asked(1))
        .event(declined(1))
        .when(|payment| retry(payment, RetryPayment {}))
        .then(Ok(asked(2)));
}

#[test]
fn nothing_else_is_tried_again() {
    let retry = |payment: &Payment| retry(payment, RetryPayment {});
    given::<Payment>().when(retry).then(Err(Refusal::NotAsked));
    given::<Payment>().event(asked(1)).when(retry).then(Err(Refusal::StillPending));
    given::<Payment>().event(paid()).when(retry).then(Err(Refusal::AlreadyPaid));
}

#[test]
fn the_reason_of_a_decline_reaches_the_customer() {
    let Sentence { ko, en } = Sentence::of(&declined(1));
    assert_eq!(ko, "결제가 승인되지 않았어요. (사유: 한도 초과)");
    assert_eq!(en, "the payment was declined: 한도 초과");
}

#[test]
fn a_charge_goes_out_under_the_number_of_its_attempt() {
    let second = Recorded::example(asked(2));
    let charge = policy::charge_what_is_owed(&second);
    let Charge { order_id, amount, order_name } = charge;
    assert_eq!((order_id.as_str(), amount), ("AS-1-2", won(5_000)));
    assert_eq!(order_name, "A/S 수리비 (접수번호 1)");
    let outcome = ChargeOutcome::Captured { payment_key: "key".into() };
    let To(of, command) = policy::record_what_came_of_the_charge(&second, outcome);
    assert_eq!((of, command.attempt), (request(1), 2));
}

#[test]
fn a_repair_is_asked_for_at_its_price() {
    let repaired = Repaired {
        status: JobStatus::Repaired,
        engineer_name: "김도현".into(),
        price: won(5_000),
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    };
    let to = policy::ask_for_the_money_when_the_repair_is_done(&Recorded::example(repaired));
    assert_eq!((to.0, to.1.amount), (request(1), won(5_000)));
}

#[test]
fn the_provider_answers_in_two_ways() {
    let captured = json!({ "outcome": "captured", "paymentKey": "key" });
    let declined = json!({ "outcome": "declined", "reason": "한도 초과" });
    for answer in [captured, declined] {
        let outcome: ChargeOutcome = from_value(answer.clone()).unwrap();
        assert_eq!(to_value(&outcome).unwrap(), answer);
    }
    assert!(from_value::<ChargeOutcome>(json!({ "outcome": "unknown" })).is_err());
}

#[test]
fn the_list_follows_a_payment() {
    let mut row = PayRow::default();
    row.evolve(&at(1, asked(1)));
    assert_eq!((row.request_id, row.price), (Some(request(1)), won(5_000)));
    assert_eq!((row.status, row.attempts, row.pay_date), (PayStatus::Pending, 1, None));
    row.evolve(&at(2, declined(1)));
    assert_eq!((row.status, row.reason.as_deref()), (PayStatus::Declined, Some("한도 초과")));
    row.evolve(&at(3, asked(2)));
    assert_eq!((row.status, row.attempts, row.reason.clone()), (PayStatus::Pending, 2, None));
    row.evolve(&at(4, paid()));
    assert_eq!((row.status, row.attempts), (PayStatus::Paid, 2));
    assert_eq!(row.pay_date, Some(Time(4)));
}

fn five_thousand() -> AskPayment {
    AskPayment { request_id: request(1), amount: won(5_000) }
}

fn asked(attempt: u32) -> PaymentAsked {
    PaymentAsked { amount: won(5_000), attempt, order_id: format!("AS-1-{attempt}") }
}

fn paid() -> Paid {
    Paid { price: won(5_000), payment_key: Some("key".into()) }
}

fn declined(attempt: u32) -> PaymentDeclined {
    PaymentDeclined { attempt, reason: "한도 초과".into() }
}

fn captured(attempt: u32) -> RecordCharge {
    RecordCharge { attempt, outcome: ChargeOutcome::Captured { payment_key: "key".into() } }
}

fn over_the_limit(attempt: u32) -> RecordCharge {
    RecordCharge { attempt, outcome: ChargeOutcome::Declined { reason: "한도 초과".into() } }
}

fn at<E: Message>(moment: i64, event: E) -> Recorded<E> {
    Recorded { at: Time(moment), ..Recorded::example(event) }
}

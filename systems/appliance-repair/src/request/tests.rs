//! The rules of request, by example.

use kernel::{Evolve, Message, Recorded, Refuse, Sentence, Time, spec::given};
use serde_json::{from_value, json, to_value};

use super::{
    contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested},
    policy,
    request::{
        CancelService, ConfirmCancel, DenyCancel, Refusal, Request, RequestService, cancel,
        confirm_cancel, deny_cancel, submit,
    },
    view::RequestRow,
};
use crate::{
    examples::{customer, phone, product, symptom, token},
    service::contract::{AsCancelDenied, AsCanceled},
    status::{JobStatus, RequestStatus},
};

#[test]
fn a_request_says_what_is_wrong_with_what() {
    given::<Request>().when(|request| submit(request, television())).then(Ok(requested()));
}

#[test]
fn a_request_is_made_once() {
    given::<Request>()
        .event(requested())
        .when(|request| submit(request, television()))
        .then(Err(Refusal::AlreadyMade));
}

#[test]
fn a_cancel_is_asked_before_it_is_true() {
    given::<Request>()
        .event(requested())
        .when(|request| cancel(request, CancelService {}))
        .then(Ok(Some(asked())));
}

#[test]
fn asking_again_for_a_cancel_changes_nothing() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .when(|request| cancel(request, CancelService {}))
        .then(Ok(None));
}

#[test]
fn what_was_never_asked_for_cannot_be_canceled() {
    given::<Request>()
        .when(|request| cancel(request, CancelService {}))
        .then(Err(Refusal::NotMade));
}

#[test]
fn what_is_canceled_cannot_be_canceled_again() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .event(canceled())
        .when(|request| cancel(request, CancelService {}))
        .then(Err(Refusal::AlreadyCanceled));
}

#[test]
fn a_cancel_is_true_when_the_job_is_off() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .when(|request| confirm_cancel(request, ConfirmCancel {}))
        .then(Some(canceled()));
}

#[test]
fn a_confirmation_that_arrives_twice_is_one_cancel() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .event(canceled())
        .when(|request| confirm_cancel(request, ConfirmCancel {}))
        .then(None);
}

#[test]
fn a_cancel_that_comes_too_late_leaves_the_request_standing() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .when(|request| deny_cancel(request, DenyCancel { reason: too_late() }))
        .then(Some(denied()));
}

#[test]
fn a_denial_that_arrives_twice_is_one_denial() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .event(denied())
        .when(|request| deny_cancel(request, DenyCancel { reason: too_late() }))
        .then(None);
}

#[test]
fn after_a_denial_a_cancel_may_be_asked_for_again() {
    given::<Request>()
        .event(requested())
        .event(asked())
        .event(denied())
        .when(|request| cancel(request, CancelService {}))
        .then(Ok(Some(asked())));
}

#[test]
fn the_reason_of_a_denial_reaches_the_customer() {
    assert_eq!(Sentence::of(&denied()), too_late());
    assert_eq!(Refusal::AlreadyCanceled.in_korean(), "이미 취소된 접수예요.");
}

#[test]
fn the_job_answers_the_cancel() {
    let to = policy::confirm_the_cancel_when_the_job_is_off(&Recorded::example(job_canceled()));
    assert_eq!(to.0.to_string(), "1");
    let late = Recorded::example(AsCancelDenied { reason: too_late() });
    let to = policy::deny_the_cancel_when_the_job_is_done(&late);
    assert_eq!(to.1.reason, too_late());
}

#[test]
fn the_older_spelling_of_symptom_is_understood() {
    let body = json!({ "symtom": "화면이 안 나와요", "productId": "1", "customerName": "김서연" });
    let asked: RequestService = from_value(body).unwrap();
    assert_eq!((asked.symptom, asked.phone_number), (symptom(), None));
}

#[test]
fn nobody_chooses_their_own_token_or_status() {
    for field in ["token", "status", "date", "id"] {
        let mut body = RequestService::NOTE.sample();
        assert!(from_value::<RequestService>(body.clone()).is_ok());
        body[field] = json!("mine");
        assert!(from_value::<RequestService>(body).is_err(), "{field}");
    }
}

#[test]
fn the_list_follows_a_request() {
    let mut row = RequestRow::default();
    row.evolve(&at(1, requested()));
    assert_eq!(row.symtom, row.symptom);
    assert_eq!((row.status, row.date), (RequestStatus::Requested, Some(Time(1))));
    row.evolve(&at(2, asked()));
    assert_eq!((row.status, row.date), (RequestStatus::Canceling, Some(Time(1))));
    row.evolve(&at(3, denied()));
    assert_eq!((row.status, row.date), (RequestStatus::Requested, Some(Time(1))));
    row.evolve(&at(4, asked()));
    row.evolve(&at(5, canceled()));
    assert_eq!((row.status, row.date), (RequestStatus::Canceled, Some(Time(5))));
    assert_eq!(to_value(&row).unwrap()["phoneNumber"], "010-0000-0001");
}

fn television() -> RequestService {
    RequestService {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
        token: token(),
    }
}

fn requested() -> ServiceRequested {
    ServiceRequested {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
        token: token(),
    }
}

fn asked() -> CancelAsked {
    CancelAsked {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn canceled() -> ServiceCanceled {
    ServiceCanceled {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn denied() -> CancelDenied {
    CancelDenied { reason: too_late() }
}

fn too_late() -> Sentence {
    Sentence::new("너무 늦었어요.", "it is too late")
}

fn job_canceled() -> AsCanceled {
    AsCanceled {
        status: JobStatus::Canceled,
        engineer_name: None,
        price: None,
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn at<E: Message>(moment: i64, event: E) -> Recorded<E> {
    Recorded { at: Time(moment), ..Recorded::example(event) }
}

//! Opening and accepting.

use kernel::{
    Actor,
    Either::{That, This},
    Message, Recorded, Refuse, Sentence, To,
    spec::given,
};
use serde_json::{from_value, json};

use super::{accepted, asked, canceled, noted, opened, order, paid, repaired, short};
use crate::{
    examples::{customer, engineer, phone, product, request, symptom, token, won},
    request::contract::ServiceRequested,
    service::{
        acceptance::{
            AcceptJob, ConfirmAcceptance, OpenJob, RecordShortage, accept, confirm, open,
            part_on_hand, record_shortage,
        },
        job::Job,
        policy,
        port::{PartOnHand, Quote},
        refusal::Refusal,
    },
    stock::contract::{PartsReserved, ReservationRefused},
    words::ENGINEER,
};

#[test]
fn a_request_reaches_the_list_with_its_symptom() {
    given::<Job>().when(|job| open(job, OpenJob { order: order() })).then(Some(opened()));
}

#[test]
fn a_request_delivered_twice_is_one_job() {
    given::<Job>().event(opened()).when(|job| open(job, OpenJob { order: order() })).then(None);
}

#[test]
fn a_request_that_arrives_after_its_cancel_opens_nothing() {
    given::<Job>()
        .event(canceled(None, None))
        .when(|job| open(job, OpenJob { order: order() }))
        .then(None);
}

#[test]
fn the_product_of_the_job_says_which_part_is_asked_for() {
    given::<Job>()
        .event(opened())
        .when(|job| part_on_hand(job, &by_kim()))
        .then(Ok(To(product(), PartOnHand {})));
}

#[test]
fn an_engineer_asks_for_the_job_when_there_is_a_part() {
    given::<Job>()
        .event(opened())
        .when(|job| accept(job, by_kim(), in_stock(1)))
        .then(Ok(This(asked(1))));
}

#[test]
fn nobody_accepts_a_job_whose_part_is_not_there() {
    given::<Job>()
        .event(opened())
        .when(|job| accept(job, by_kim(), in_stock(0)))
        .then(Ok(That(short())));
}

#[test]
fn a_job_that_waits_for_parts_is_accepted_when_they_are_there() {
    given::<Job>()
        .event(opened())
        .event(short())
        .when(|job| accept(job, by_kim(), in_stock(1)))
        .then(Ok(This(asked(1))));
}

#[test]
fn a_job_that_waits_for_parts_in_vain_says_so_every_time() {
    given::<Job>()
        .event(opened())
        .event(short())
        .when(|job| accept(job, by_kim(), in_stock(0)))
        .then(Ok(That(short())));
}

#[test]
fn whoever_comes_second_hears_who_is_accepting() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .when(|job| accept(job, by_jang(), in_stock(1)))
        .then(Err(Refusal::BeingAccepted("김도현".into())));
}

#[test]
fn whoever_comes_second_hears_who_has_accepted() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(accepted())
        .when(|job| accept(job, by_jang(), in_stock(1)))
        .then(Err(Refusal::AlreadyAccepted("김도현".into())));
}

#[test]
fn stock_is_not_even_asked_when_the_job_is_not_free() {
    let refused = |job: &Job| part_on_hand(job, &by_jang());
    let job = given::<Job>;
    job().when(refused).then(Err(Refusal::NotListed));
    job().event(opened()).event(asked(1)).when(refused).then(Err(Refusal::BeingAccepted(kim())));
    job().event(accepted()).when(refused).then(Err(Refusal::AlreadyAccepted(kim())));
    job().event(repaired()).when(refused).then(Err(Refusal::AlreadyRepaired(kim())));
    job().event(repaired()).event(paid()).when(refused).then(Err(Refusal::AlreadyRepaired(kim())));
    job().event(canceled(None, None)).when(refused).then(Err(Refusal::Canceled));
    job()
        .event(opened())
        .event(asked(1))
        .event(noted())
        .when(refused)
        .then(Err(Refusal::BeingCanceled));
}

#[test]
fn the_job_is_the_engineers_when_the_part_is_reserved() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .when(|job| confirm(job, at_5000()))
        .then(This(Some(accepted())));
}

#[test]
fn a_reservation_that_is_told_twice_is_one_acceptance() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(accepted())
        .when(|job| confirm(job, at_5000()))
        .then(This(None));
}

#[test]
fn the_job_waits_when_the_last_part_was_taken_meanwhile() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .when(|job| record_shortage(job, RecordShortage { attempt: 1 }))
        .then(This(Some(short())));
}

#[test]
fn a_shortage_that_is_told_twice_is_one_shortage() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(short())
        .when(|job| record_shortage(job, RecordShortage { attempt: 1 }))
        .then(This(None));
}

#[test]
fn a_shortage_told_twice_does_not_end_the_next_attempt() {
    let second = || given::<Job>().event(opened()).event(asked(1)).event(short()).event(asked(2));
    second().when(|job| record_shortage(job, RecordShortage { attempt: 1 })).then(This(None));
    second()
        .when(|job| record_shortage(job, RecordShortage { attempt: 2 }))
        .then(This(Some(short())));
}

#[test]
fn after_a_lost_race_for_the_part_the_job_is_free_again() {
    given::<Job>()
        .event(opened())
        .event(asked(1))
        .event(short())
        .when(|job| accept(job, by_kim(), in_stock(1)))
        .then(Ok(This(asked(2))));
}

#[test]
fn the_loser_reads_a_sentence() {
    let sentence = Sentence::of(&Refusal::AlreadyAccepted(kim()));
    assert_eq!(sentence.ko, "김도현 엔지니어가 먼저 수락했어요.");
    assert_eq!(sentence.en, "김도현 has already accepted this job");
    assert_eq!(short().in_korean(), "부품 재고가 없어서 부품 대기로 바꿨어요. (제품 1)");
    assert_eq!(short().to_string(), "there is no part for product 1; the job now waits for parts");
    assert_eq!(canceled(None, None).in_korean(), Refusal::Canceled.in_korean());
    assert_eq!(canceled(None, None).to_string(), Refusal::Canceled.to_string());
}

#[test]
fn nobody_accepts_in_the_name_of_another() {
    assert!(from_value::<AcceptJob>(json!({})).is_ok());
    assert!(from_value::<AcceptJob>(json!({ "engineer": "장수빈" })).is_err());
    assert!(AcceptJob::NOTE.fields.iter().all(|field| field.given));
}

#[test]
fn a_request_is_told_to_the_job_of_the_same_number() {
    let requested = ServiceRequested {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
        token: token(),
    };
    let requested = Recorded { of: request(7), ..Recorded::example(requested) };
    let To(of, command) = policy::open_a_job_for_every_request(&requested);
    assert_eq!((of, command.order), (request(7), order()));
}

#[test]
fn what_stock_says_is_told_to_the_job_it_names() {
    let reserved = PartsReserved { request: request(7), unit_price: won(5_000) };
    let to = policy::accept_the_job_when_its_part_is_reserved(&Recorded::example(reserved));
    assert_eq!((to.0, to.1.price), (request(7), won(5_000)));
    let refused = Recorded::example(ReservationRefused { request: request(7), attempt: 1 });
    let to = policy::let_the_job_wait_when_its_part_is_gone(&refused);
    assert_eq!((to.0, to.1.attempt), (request(7), 1));
}

fn by_kim() -> AcceptJob {
    AcceptJob { engineer: engineer() }
}

fn by_jang() -> AcceptJob {
    AcceptJob { engineer: Actor::new("장수빈", ENGINEER.name) }
}

fn kim() -> String {
    "김도현".into()
}

fn in_stock(available: u32) -> Quote {
    Quote { available, unit_price: won(5_000) }
}

fn at_5000() -> ConfirmAcceptance {
    ConfirmAcceptance { price: won(5_000) }
}
